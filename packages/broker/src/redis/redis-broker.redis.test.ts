import { eventually } from "@commcoin/tsconfig/eventually";
import { fastest } from "@commcoin/tsconfig/fastest";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Broker } from "../broker.ts";
import {
  activities,
  activity,
  BRIEF_MS,
  conformanceRetention,
  countTo,
  FEW_MESSAGES,
  flush,
  follow,
  freshTopic,
  offsetsOf,
  textOf,
} from "../conformance/support.ts";
import { startRedisServer, type RedisServer } from "../testing/index.ts";
import { recordingLogger } from "../testing/recording-logger.ts";
import { createTestBrokers } from "../testing/test-brokers.ts";

/** Far less than the patience with a Redis that is away. */
const AT_ONCE_MS = 4_000;

describe("Redis broker", () => {
  let server: RedisServer;
  let redis: Redis;
  const brokers = createTestBrokers();
  const { logger, lines } = recordingLogger();

  const optionsFor = (url: string, keyPrefix = "commcoin") => ({
    url,
    logger,
    retention: conformanceRetention,
    keyPrefix,
  });
  const create = (url: string): Broker => brokers.create(optionsFor(url));
  const connect = (url = server.url, keyPrefix?: string): Promise<Broker> =>
    brokers.connect(optionsFor(url, keyPrefix));

  beforeAll(async () => {
    server = await startRedisServer();
    redis = new Redis(server.url);
  });
  afterEach(async () => {
    await brokers.closeAll();
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  const callsOf = async (command: string): Promise<number> => {
    const stats = await redis.info("commandstats");
    return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
  };

  describe("publishing", () => {
    it("takes one script call for 64 messages, whatever their topics, and nothing else", async () => {
      const broker = await connect();
      const topics = countTo(10).map(() => freshTopic());
      await redis.config("RESETSTAT");
      await Promise.all(
        countTo(20).map((n) => broker.publish(topics.map((topic) => activity(topic, `event-${n}`)))),
      );
      expect((await callsOf("evalsha")) + (await callsOf("eval"))).toBe(4);
      expect(await callsOf("xadd")).toBe(200);
      expect(await callsOf("publish")).toBe(200);
      expect(await callsOf("script\\|[a-z]+")).toBe(0);
    });

    it("writes something that a replica can confirm, also when all of it was published before", async () => {
      const broker = await connect();
      const topic = freshTopic();
      await broker.publish(activities(topic, 3));
      await redis.config("RESETSTAT");
      expect(await broker.publish(activities(topic, 3))).toMatchObject([
        { duplicate: true },
        { duplicate: true },
        { duplicate: true },
      ]);
      expect(await callsOf("hset")).toBe(1);
    });

    it("puts everything of a topic into one slot of a cluster", async () => {
      const broker = await connect();
      const topic = freshTopic("few");
      await broker.publish([activity(topic, "an {id} with } braces")]);
      const keys = await redis.keys(`*${topic}*`);
      expect(keys.sort()).toEqual([
        `commcoin:{${topic}}:id:an {id} with } braces`,
        `commcoin:{${topic}}:meta`,
        `commcoin:{${topic}}:stream`,
      ]);
    });

    it("keeps users with braces in their ids apart, each in one slot", async () => {
      const broker = await connect();
      const name = freshTopic("user").split(":")[1] ?? "";
      const users = [name, `${name}}:id:x`, `{${name}`, `${name}{}`, `}${name}`];
      const topics = users.map((user) => `user:${user}`);
      // The key of this id would be that of the second user's position, were braces left as they are.
      const published = await broker.publish(topics.map((topic) => activity(topic, "x}:meta")));
      expect(published).toEqual(
        topics.map(() => expect.objectContaining({ offset: 1, duplicate: false }) as unknown),
      );
      const followers = await Promise.all(topics.map((topic) => follow(broker, topic)));
      await broker.publish(topics.map((topic) => activity(topic, "y")));
      for (const [index, { deliveries }] of followers.entries()) {
        await eventually(() => expect(offsetsOf(deliveries)).toEqual([2]));
        expect(deliveries.map(textOf)).toEqual([expect.stringContaining(JSON.stringify(topics[index]))]);
      }
    });

    it("leaves nothing in Redis that lives for ever", async () => {
      const broker = await connect();
      const [used, empty] = [freshTopic("brief"), freshTopic("brief")];
      await broker.publish(activities(used, 3));
      await broker.positions([empty]);
      await eventually(async () => {
        const keys = [...(await redis.keys(`*${used}*`)), ...(await redis.keys(`*${empty}*`))];
        expect(keys).toEqual(expect.arrayContaining([`commcoin:{${used}}:meta`, `commcoin:{${empty}}:meta`]));
        for (const key of keys) expect(await redis.pttl(key)).toBeGreaterThan(0);
        // Ids are gone once their time is over.
        expect(keys.filter((key) => key.includes(":id:"))).toEqual([]);
      });
      expect(await redis.pttl(`commcoin:{${used}}:meta`)).toBeGreaterThan(1_000 * BRIEF_MS);
    });

    it("keeps streams as short as the topic may be", async () => {
      const broker = await connect();
      const topic = freshTopic("few");
      await broker.publish(activities(topic, 100));
      expect(await redis.xlen(`commcoin:{${topic}}:stream`)).toBe(FEW_MESSAGES);
    });

    it("begins a new epoch when Redis evicted a topic's position but not its messages", async () => {
      const broker = await connect();
      const topic = freshTopic();
      const [before] = await broker.publish(activities(topic, 3));
      await redis.del(`commcoin:{${topic}}:meta`);
      const [after] = await broker.publish([activity(topic, "new")]);
      expect(after).toMatchObject({ offset: 1, duplicate: false });
      expect(after?.epoch).not.toBe(before?.epoch);
      expect(offsetsOf((await broker.history(topic)).deliveries)).toEqual([1]);
    });

    it("goes on counting when Redis evicted a topic's messages but not its position", async () => {
      const broker = await connect();
      const topic = freshTopic();
      const [before] = await broker.publish(activities(topic, 3));
      await redis.del(`commcoin:{${topic}}:stream`);
      const epoch = before?.epoch ?? "";
      expect(await broker.history(topic, { since: { epoch, offset: 2 } })).toMatchObject({
        unrecovered: "trimmed",
      });
      expect(await broker.publish([activity(topic, "new")])).toEqual([
        { epoch, offset: 4, duplicate: false },
      ]);
      expect(offsetsOf((await broker.history(topic)).deliveries)).toEqual([4]);
    });
  });

  describe("subscribing", () => {
    const subscribed = async (topic: string): Promise<boolean> =>
      (await redis.pubsub("CHANNELS", `*${topic}*`)).length === 1;

    it("listens to a topic once, and leaves it a moment after the last subscriber went", async () => {
      const broker = await connect();
      const topic = freshTopic();
      const [one, two] = [await follow(broker, topic), await follow(broker, topic)];
      expect(await subscribed(topic)).toBe(true);
      one.unsubscribe();
      two.unsubscribe();
      const again = await follow(broker, topic);
      await flush(broker, topic, [again]);
      again.unsubscribe();
      expect(await subscribed(topic)).toBe(true);
      await eventually(async () => expect(await subscribed(topic)).toBe(false));
    });

    it("drops what no broker sent, and says so once, however much of it comes", async () => {
      const broker = await connect();
      const topic = freshTopic();
      const follower = await follow(broker, topic);
      const stop = await broker.control.listen("server-1", () => {
        throw new Error("not a control message");
      });
      for (const junk of [
        "",
        "junk",
        '{"target":{"all":true},"message":{"type":"explode"}}',
        "x".repeat(1_000_000),
        "null",
        "[".repeat(100_000),
        "epoch:1::0123456789ab\n",
        'epoch:1::0123456789ab\n{"cut":',
        Buffer.from([0xff, 0x00, 0xfe, 0x0a, 0x7b]),
      ]) {
        await redis.publish(`commcoin:{${topic}}:live`, junk);
        await redis.publish("commcoin:{control}", junk);
      }
      await flush(broker, topic, [follower]);
      expect(offsetsOf(follower.deliveries)).toEqual([1]);
      await eventually(() => {
        expect(broker.damages?.().get("live_message")).toBe(9);
        expect(broker.damages?.().get("control_message")).toBe(9);
      });
      expect(lines.filter((line) => line.startsWith("warn dropped a message"))).toHaveLength(1);
      expect(lines.filter((line) => line.startsWith("warn dropped a control message"))).toHaveLength(1);
      stop();
    });

    it("hears nothing of other databases and other prefixes", async () => {
      const topic = freshTopic();
      const parties = [await connect(), await connect(`${server.url}/1`), await connect(server.url, "other")];
      const followers = await Promise.all(parties.map((party) => follow(party, topic)));
      for (const [index, party] of parties.entries()) await party.publish(activities(topic, index + 1));
      await Promise.all(
        parties.map((party, index) => flush(party, topic, [followers[index] ?? { deliveries: [] }])),
      );
      expect(followers.map(({ deliveries }) => deliveries.length)).toEqual([2, 3, 4]);
      expect(new Set(followers.map(({ position }) => position.epoch)).size).toBe(3);
    });

    it("skips junk in the server list", async () => {
      const broker = await connect();
      const now = Date.now();
      await redis.hset("commcoin:servers", "gateway:x", "junk", "gateway:y", `${now} 1 - {"server_id":1}`);
      expect(await broker.registry.servers()).toEqual([]);
      await redis.del("commcoin:servers");
    });
  });

  describe("start", () => {
    it("says where it looked, what happened and what to do, without the password", async () => {
      const url = "redis://user:sesame@127.0.0.1:1/3";
      const broker = create(url);
      expect(broker.problem()).toContain("Not connected");
      const failure = await broker.start().catch((error: unknown) => error);
      expect(failure).toMatchObject({ name: "StartError" });
      expect(String(failure)).toMatch(/redis:\/\/127\.0\.0\.1:1\/3: .*ECONNREFUSED.*set REDIS_URL/);
      expect(String(failure)).not.toContain("sesame");
    });

    it("gives up at once when the password is wrong", async () => {
      const guarded = await startRedisServer();
      try {
        const open = new Redis(guarded.url);
        await open.config("SET", "requirepass", "sesame");
        open.disconnect();
        const refusedAfterMs = async (): Promise<number> => {
          const since = performance.now();
          const wrong = create(guarded.url.replace("redis://", "redis://:wrong@"));
          await expect(wrong.start()).rejects.toThrow(/WRONGPASS.*Check user, password/);
          await expect(create(guarded.url).start()).rejects.toThrow(/NOAUTH.*Check user, password/);
          return performance.now() - since;
        };
        expect(await fastest(AT_ONCE_MS, refusedAfterMs)).toBeLessThan(AT_ONCE_MS);
        const right = await connect(guarded.url.replace("redis://", "redis://:sesame@"));
        expect(right.problem()).toBeNull();
      } finally {
        await guarded.stop();
      }
    });
  });

  it("leaves no connection and no timer behind when closed", async () => {
    const handles = (): number =>
      process.getActiveResourcesInfo().filter((kind) => kind === "TCPSocketWrap" || kind === "Timeout")
        .length;
    const before = handles();
    const broker = await connect();
    const left = await follow(broker, freshTopic());
    await follow(broker, freshTopic());
    left.unsubscribe();
    expect(handles()).toBeGreaterThan(before);
    await broker.close();
    await broker.close();
    await eventually(() => expect(handles()).toBeLessThanOrEqual(before));
    await expect(broker.publish([activity(freshTopic(), "a")])).rejects.toThrow("closed");
    expect(broker.problem()).toContain("closed");
  });
});
