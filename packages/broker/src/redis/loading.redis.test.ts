import { eventually } from "@commcoin/tsconfig/eventually";
import { expect, it, onTestFinished } from "vitest";
import { askRedis } from "../testing/ask-redis.ts";
import { startRedisServer } from "../testing/index.ts";
import { createTestBrokers } from "../testing/test-brokers.ts";

/** Of Redis' own tests: so long it waits after each key that it loads, and after so many bytes it answers. */
const SLOWLY = ["--key-load-delay", "1000", "--loading-process-events-interval-bytes", "1024"];
const KEYS = 2_000;

it("a Redis that loads its data is told to do so, with how far it is, and is used once that is done", async () => {
  const server = await startRedisServer({ args: ["--save", "3600 1", ...SLOWLY] });
  onTestFinished(() => server.stop());
  const brokers = createTestBrokers();
  onTestFinished(() => brokers.closeAll());
  const broker = await brokers.connect({ url: server.url });
  await askRedis(
    server,
    "EVAL",
    "for n = 1, ARGV[1] do redis.call('SET', 'other:' .. n, string.rep('x', 64)) end",
    0,
    KEYS,
  );
  await server.shutDown();
  const restarting = server.restart();
  await eventually(() => expect(broker.problem()).toMatch(/loads its data: \d+ % so far/));
  expect(broker.refusal()).toBeNull();
  await restarting;
  await eventually(() => expect(broker.problem()).toBeNull());
});
