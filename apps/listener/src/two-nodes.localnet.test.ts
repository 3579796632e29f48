import { createLocalnet, type Endpoint } from "@commcoin/localnet";
import { expect, it, onTestFinished, vi } from "vitest";
import { createCommcoinMarket } from "./testing/commcoin-market.ts";
import { expectComplete, ofType, until } from "./testing/expect-complete.ts";
import { startListener } from "./testing/start-listener.ts";

vi.setConfig({ testTimeout: 60_000 });

/** A listener on three nodes over one chain. */
async function start() {
  const localnet = await createLocalnet({ slotMs: 50, endpoints: 3 });
  onTestFinished(() => localnet.stop());
  const [one, two, spare] = localnet.endpoints as [Endpoint, Endpoint, Endpoint];
  const running = await startListener({
    SOLANA_RPC_URL: localnet.endpoints.map(({ httpUrl }) => httpUrl).join(","),
    SOLANA_WS_URL: localnet.endpoints.map(({ wsUrl }) => wsUrl).join(","),
  });
  onTestFinished(() => running.listener.stop());
  const isLive = ({ wsUrl }: Endpoint): Promise<void> =>
    until(async () =>
      expect(await running.metric("subscriptions", `source="program",endpoint="${wsUrl}"`)).toBe(1),
    );
  await Promise.all([isLive(one), isLive(two)]);
  const count = (name: string, { wsUrl }: Endpoint) => running.metric(name, `endpoint="${wsUrl}"`);
  return { localnet, one, two, spare, running, isLive, count };
}

it("what one node loses the other brings in time, and it is counted against the one", async () => {
  const { localnet, one, two, running, count } = await start();
  one.faults.set({ drop: { subscriptions: ["logs"] } });
  await createCommcoinMarket(localnet, "one loses").play(40);
  const frames = ofType(await expectComplete(localnet, running.broker), "TransactionUpdate");
  expect(frames.filter(({ data }) => data.origin === "audit")).toEqual([]);
  await until(async () => expect(await count("missed_total", one)).toBeGreaterThan(5));
  expect(await count("missed_total", two)).toBe(0);
  expect(await count("wins_total", one)).toBe(0);
  expect(await count("wins_total", two)).toBeGreaterThan(5);
});

it("a node that hangs holds nothing up, and the spare takes the place of one that is gone", async () => {
  const { localnet, one, two, spare, running, isLive, count } = await start();
  const market = createCommcoinMarket(localnet, "one hangs");
  one.faults.set({ halfOpen: { connections: "open" } });
  await market.play(20);
  await expectComplete(localnet, running.broker, 5_000);
  one.faults.set({ halfOpen: null });
  expect(spare.connections()).toBe(0);
  await two.down();
  await isLive(spare);
  await market.play(20);
  await expectComplete(localnet, running.broker);
  expect(await running.ready()).toMatchObject({ status: 200 });
  await until(async () => expect(await count("stream_lag_seconds_count", spare)).toBeGreaterThan(0));
});
