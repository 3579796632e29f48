import { eventually } from "@commcoin/tsconfig/eventually";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { activities, activity, freshTopic } from "../conformance/support.ts";
import { createRetentionPolicy } from "../retention.ts";
import { askRedis } from "../testing/ask-redis.ts";
import { addAclUser } from "../testing/acl-user.ts";
import { REFUSALS, startRedisServer, type Refusal, type RedisServer } from "../testing/index.ts";
import { createTestBrokers } from "../testing/test-brokers.ts";
import { ACL_RIGHTS } from "./acl.ts";

const SEEN_WITHIN_MS = 5_000;
/** Writes that are refused while it is watched: enough for connections to be made anew, where they are. */
const CHECKS = 3;
const OLD_AFTER_MS = 100;

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

  /** How often Redis refused something with a word. */
  const refused = async (word: string): Promise<number> =>
    Number(
      new RegExp(`errorstat_${word}:count=(\\d+)`).exec(
        String(await askRedis(server, "INFO", "errorstats")),
      )?.[1],
    );
  const user = async (right: string): Promise<void> => {
    await askRedis(server, "ACL", "SETUSER", "app", right);
  };
  const withoutRight: Refusal = { word: "NOPERM", begin: () => user("-set"), end: () => user("+set") };

  it.each<readonly [string, Refusal, advice: string]>([
    ["is full", REFUSALS.full, "maxmemory"],
    ["cannot save", REFUSALS["cannot-save"], "disk"],
    ["lacks replicas", REFUSALS["no-replicas"], "min-replicas-to-write"],
    ["takes rights away", withoutRight, "rights"],
    ["became a replica", REFUSALS["read-only"], "REPLICAOF NO ONE"],
  ])(
    "because it %s is told once, in its words and with advice, until it takes them again",
    { timeout: 30_000 },
    async (_, { word, begin, end }, advice) => {
      const app = await addAclUser([server], "commcoin", ACL_RIGHTS);
      const broker = await brokers.connect({ url: app.urlFor(server.url) });
      expect(broker.refusal()).toBeNull();
      const changes: boolean[] = [];
      broker.watch((problem) => changes.push(problem === null));
      await begin(server);
      await eventually(() => expect(broker.refusal()).toContain(word), SEEN_WITHIN_MS);
      expect(broker.refusal()).toContain(advice);
      await eventually(async () => expect(await refused(word)).toBeGreaterThanOrEqual(CHECKS));
      await end(server);
      await eventually(
        () => expect([broker.refusal(), broker.problem()]).toEqual([null, null]),
        SEEN_WITHIN_MS,
      );
      await broker.publish([activity(freshTopic(), "after")]);
      // Messages flow all the time, unless connections are made anew: then it is said once that they do not.
      expect([[], [false, true]]).toContainEqual(changes);
    },
  );

  it.each(Object.keys(REFUSALS) as (keyof typeof REFUSALS)[])(
    "and is %s still tells where topics stand and what came last, also when something is due to be removed",
    async (state) => {
      const retention = createRetentionPolicy({ short: { maxMessages: 10, maxAgeMs: OLD_AFTER_MS } });
      const broker = await brokers.connect({ url: server.url, retention });
      const [topic, short] = [freshTopic(), "short"];
      const published = await broker.publish([...activities(topic, 3), activity(short, "old")]);
      // Only a reader removes it.
      await askRedis(server, "PERSIST", `commcoin:{${short}}:stream`);
      const { word, begin, end } = REFUSALS[state];
      await begin(server);
      try {
        await eventually(() => expect(broker.refusal()).toContain(word));
        // On a replica connections are made anew.
        await eventually(async () => expect((await broker.history(short)).deliveries).toEqual([]));
        expect((await broker.history(topic)).deliveries).toHaveLength(3);
        const standing = { epoch: published[0]?.epoch, offset: 3 };
        await eventually(async () => expect(await broker.positions([topic])).toEqual([standing]));
      } finally {
        await end(server);
      }
    },
  );
});
