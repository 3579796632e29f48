import { eventually } from "@commcoin/tsconfig/eventually";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { activity, freshTopic } from "../conformance/support.ts";
import { askRedis } from "../testing/ask-redis.ts";
import { addAclUser } from "../testing/acl-user.ts";
import { startRedisServer, type RedisServer } from "../testing/index.ts";
import { createTestBrokers } from "../testing/test-brokers.ts";
import { ACL_RIGHTS } from "./acl.ts";

const SEEN_WITHIN_MS = 5_000;

describe("a Redis that refuses writes", () => {
  let server: RedisServer;
  const brokers = createTestBrokers();

  beforeEach(async () => {
    server = await startRedisServer();
  });
  afterEach(async () => {
    await brokers.closeAll();
    await server.stop();
  });

  const ask = ([command = "", ...args]: readonly string[]): Promise<unknown> =>
    askRedis(server, command, ...args);
  const user = ["ACL", "SETUSER", "app"] as const;

  it.each([
    ["is full", [["CONFIG", "SET", "maxmemory", "1"]], "OOM", [["CONFIG", "SET", "maxmemory", "0"]]],
    [
      "lacks replicas",
      [["CONFIG", "SET", "min-replicas-to-write", "1"]],
      "NOREPLICAS",
      [["CONFIG", "SET", "min-replicas-to-write", "0"]],
    ],
    ["takes rights away", [[...user, "-set"]], "NOPERM", [[...user, "+set"]]],
    ["became a replica", [["REPLICAOF", "127.0.0.1", "1"]], "", [["REPLICAOF", "NO", "ONE"]]],
  ] as const)(
    "because it %s is told in its words, until it takes them again",
    { timeout: 30_000 },
    async (_, spoil, word, repair) => {
      const app = await addAclUser([server], "commcoin", ACL_RIGHTS);
      const broker = await brokers.connect({ url: app.urlFor(server.url) });
      expect(broker.refusal()).toBeNull();
      for (const command of spoil) await ask(command);
      await eventually(() => expect(broker.refusal() ?? broker.problem()).toContain(word), SEEN_WITHIN_MS);
      await eventually(() => expect(broker.refusal() ?? broker.problem()).not.toBeNull());
      for (const command of repair) await ask(command);
      await eventually(
        () => expect([broker.refusal(), broker.problem()]).toEqual([null, null]),
        SEEN_WITHIN_MS,
      );
      await broker.publish([activity(freshTopic(), "after")]);
    },
  );
});
