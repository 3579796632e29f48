import type { Redis } from "ioredis";
import { eventually } from "@commcoin/tsconfig/eventually";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { FencedError, type Broker } from "../broker.ts";
import {
  activities,
  activity,
  conformanceRetention,
  countTo,
  follow,
  freshTopic,
  idOf,
  offsetsOf,
} from "../conformance/support.ts";
import {
  startRedisCluster,
  startRedisServer,
  type RedisCluster,
  type RedisServer,
} from "../testing/index.ts";
import { recordingLogger } from "../testing/recording-logger.ts";
import { createTestBrokers } from "../testing/test-brokers.ts";
import { withRedis } from "../testing/with-redis.ts";

type Command = readonly [command: string, ...args: (string | number)[]];

/** Other types, each beside the command that makes a key one of it. */
const otherTypes = (key: string): Record<"string" | "list" | "set" | "sorted set", Command> => ({
  string: ["SET", key, "junk"],
  list: ["RPUSH", key, "junk"],
  set: ["SADD", key, "junk"],
  "sorted set": ["ZADD", key, 1, "junk"],
});

const keysOf = (topic: string) => {
  const start = `commcoin:{${topic}}`;
  return {
    meta: `${start}:meta`,
    stream: `${start}:stream`,
    id: `${start}:id:event-2`,
    fence: `${start}:fence`,
  };
};

type Damage = readonly [
  name: string,
  key: "meta" | "stream" | "id",
  spoil: (topic: string) => readonly Command[],
];

/** What may happen to a topic with three messages, `event-1` to `event-3`. */
const DAMAGES: readonly Damage[] = [
  ...(["meta", "stream", "id"] as const).flatMap((key) =>
    (["string", "list", "set", "sorted set"] as const)
      .filter((type) => !(key === "id" && type === "string"))
      .map(
        (type): Damage =>
          [
            `the ${key} is a ${type}`,
            key,
            (topic: string) => [["DEL", keysOf(topic)[key]], otherTypes(keysOf(topic)[key])[type]],
          ] as const,
      ),
  ),
  [
    "the meta is a stream",
    "meta",
    (topic) => [
      ["DEL", keysOf(topic).meta],
      ["XADD", keysOf(topic).meta, "*", "a", "b"],
    ],
  ],
  [
    "the stream is a hash",
    "stream",
    (topic) => [
      ["DEL", keysOf(topic).stream],
      ["HSET", keysOf(topic).stream, "a", "b"],
    ],
  ],
  ...["junk", "", "-1", "1.5", "1e3", "007", "nan", "9007199254740993", "9".repeat(30), "3\n"].map(
    (offset): Damage =>
      [
        `the offset is ${JSON.stringify(offset)}`,
        "meta",
        (topic: string) => [["HSET", keysOf(topic).meta, "o", offset]],
      ] as const,
  ),
  ["the offset is missing", "meta", (topic) => [["HDEL", keysOf(topic).meta, "o"]]],
  ["the offset went back", "stream", (topic) => [["HSET", keysOf(topic).meta, "o", 1]]],
  ["the epoch is missing", "meta", (topic) => [["HDEL", keysOf(topic).meta, "e"]]],
  ["the epoch is empty", "meta", (topic) => [["HSET", keysOf(topic).meta, "e", ""]]],
  ["the epoch is no word", "meta", (topic) => [["HSET", keysOf(topic).meta, "e", "a:b\nc"]]],
  ["the epoch is endless", "meta", (topic) => [["HSET", keysOf(topic).meta, "e", "e".repeat(100_000)]]],
  ["the chain is missing", "meta", (topic) => [["HDEL", keysOf(topic).meta, "c"]]],
  ["the chain is no digest", "meta", (topic) => [["HSET", keysOf(topic).meta, "c", "a:b"]]],
  ["the chain is another one", "stream", (topic) => [["HSET", keysOf(topic).meta, "c", "0123456789ab"]]],
  ["the fence is no number", "meta", (topic) => [["HSET", keysOf(topic).meta, "f", "junk"]]],
  ["somebody added to the stream", "stream", (topic) => [["XADD", keysOf(topic).stream, "*", "a", "b"]]],
  [
    "somebody added a part to the stream",
    "stream",
    (topic) => [["XADD", keysOf(topic).stream, "3-7", "a", "b"]],
  ],
  ["an id is no position", "id", (topic) => [["SET", keysOf(topic).id, "junk"]]],
  ["an id is a position of nothing", "id", (topic) => [["SET", keysOf(topic).id, "x:y:z"]]],
];

describe.each(["a Redis", "a Redis Cluster"])("damaged keys of a topic in %s", (kind) => {
  let server: Pick<RedisServer, "url" | "stop"> | undefined;
  let cluster: RedisCluster | undefined;
  let url = "";
  const brokers = createTestBrokers();
  const { logger, lines } = recordingLogger();

  const connect = (): Promise<Broker> =>
    brokers.connect({ url, logger, retention: conformanceRetention, rewindGraceMs: 200 });
  const spoil = async (topic: string, commands: readonly Command[]): Promise<void> => {
    const owner = (await cluster?.ownerOf(`{${topic}}`))?.url ?? url;
    await withRedis(owner, async (redis: Redis) => {
      for (const [command, ...args] of commands) await redis.call(command, ...args);
    });
  };
  const damagesOf = (broker: Broker, key: string): number =>
    broker.damages?.().get(`topic_${key}` as "topic_meta") ?? 0;

  beforeAll(async () => {
    if (kind === "a Redis") {
      server = await startRedisServer();
      url = server.url;
    } else {
      cluster = await startRedisCluster({ masters: 3, replicas: 0 });
      url = cluster.url;
    }
  }, 60_000);
  afterEach(() => brokers.closeAll());
  afterAll(async () => {
    await server?.stop();
    await cluster?.stop();
  });

  it.each(DAMAGES)("begin a new epoch, in which the topic goes on: %s", async (_, key, commands) => {
    const [writer, reader] = [await connect(), await connect()];
    const topic = freshTopic();
    const follower = await follow(reader, topic);
    const before = await writer.publish(activities(topic, 3), { fence: 5 });
    await eventually(() => expect(offsetsOf(follower.deliveries)).toEqual([1, 2, 3]));
    await spoil(topic, commands(topic));

    // By somebody who never saw the topic, so that nothing is known of it but what Redis says.
    const other = await connect();
    const batch = [activity(topic, "event-1"), activity(topic, "event-2"), activity(topic, "event-4")];
    const after = await other.publish(batch, { fence: 5 });
    const epoch = after[0]?.epoch ?? "";
    expect(epoch).not.toBe(before[0]?.epoch);
    expect(after).toEqual(countTo(3).map((offset) => ({ epoch, offset, duplicate: false })));
    expect(await other.publish(batch, { fence: 5 })).toEqual(
      after.map((each) => ({ ...each, duplicate: true })),
    );
    await writer.publish([activity(topic, "event-5")], { fence: 5 });
    await eventually(() => {
      const fresh = follower.deliveries.slice(3);
      expect(fresh.map(idOf)).toEqual(["event-1", "event-2", "event-4", "event-5"]);
      expect(new Set(fresh.map((delivery) => delivery.epoch))).toEqual(new Set([epoch]));
      expect(offsetsOf(fresh)).toEqual([1, 2, 3, 4]);
    });
    expect(
      await reader.history(topic, { since: { epoch: before[0]?.epoch ?? "", offset: 3 } }),
    ).toMatchObject({
      unrecovered: "epoch_changed",
    });
    expect(damagesOf(other, key)).toBe(1);
    // A publisher that was paused meanwhile stays out.
    await expect(other.publish([activity(topic, "late")], { fence: 4 })).rejects.toThrow(FencedError);
  });

  it.each(DAMAGES.filter(([, key]) => key !== "id"))(
    "are found by whoever reads, too: %s",
    async (_, key, commands) => {
      const writer = await connect();
      for (const readEpoch of [
        async (reader: Broker, topic: string) => (await reader.positions([topic]))[0],
        async (reader: Broker, topic: string) => (await reader.history(topic)).position,
      ]) {
        const reader = await connect();
        const topic = freshTopic();
        const [before] = await writer.publish(activities(topic, 3), { fence: 5 });
        await spoil(topic, commands(topic));
        const position = await readEpoch(reader, topic);
        expect(position).toMatchObject({ offset: 0 });
        expect(position?.epoch).not.toBe(before?.epoch);
        expect(damagesOf(reader, key)).toBe(1);
        await expect(writer.publish([activity(topic, "late")], { fence: 4 })).rejects.toThrow(FencedError);
        expect(await writer.publish([activity(topic, "next")], { fence: 5 })).toEqual([
          { epoch: position?.epoch, offset: 1, duplicate: false },
        ]);
      }
    },
  );

  it.each([
    ["lacks a message", 2, "epoch_changed", (key: string): readonly Command[] => [["XDEL", key, "4-0"]]],
    [
      "lacks its first ones",
      0,
      "trimmed",
      (key: string): readonly Command[] => [["XTRIM", key, "MAXLEN", 2]],
    ],
    [
      "has a message without a frame",
      0,
      "epoch_changed",
      (key: string): readonly Command[] => [
        ["DEL", key],
        ...countTo(5).map((n) => ["XADD", key, `${n}-0`, "t", "9".repeat(13)] as const),
      ],
    ],
    [
      "was written by somebody else",
      0,
      "trimmed",
      (key: string): readonly Command[] => [
        ["DEL", key],
        ...countTo(9).map((n) => ["XADD", key, `1-${n}`, "a", "b"] as const),
      ],
    ],
  ])("are found by whoever reads its history: a stream that %s", async (_, offset, unrecovered, commands) => {
    const writer = await connect();
    const topic = freshTopic();
    const published = await writer.publish(activities(topic, 5));
    const before = { epoch: published[0]?.epoch ?? "", offset };
    await writer.history(topic);
    await spoil(topic, commands(keysOf(topic).stream));
    expect(await writer.history(topic, { since: before })).toMatchObject({ deliveries: [], unrecovered });
    await writer.publish([activity(topic, "next")]);
    const { deliveries, position } = await writer.history(topic);
    expect(offsetsOf(deliveries)).toEqual(countTo(position.offset, position.offset - deliveries.length + 1));
    expect(idOf(deliveries.at(-1) ?? { frame: Buffer.from("{}"), ...position })).toBe("next");
    expect(position.epoch === before.epoch).toBe(unrecovered === "trimmed");
  });

  it("do not hold up a stream that was once ahead of its topic, or other topics", async () => {
    const [writer, reader] = [await connect(), await connect()];
    const [topic, other] = [freshTopic(), freshTopic()];
    const follower = await follow(reader, topic);
    const before = await writer.publish([...activities(topic, 3), ...activities(other, 3)]);
    const { stream } = keysOf(topic);
    await spoil(topic, [
      ["XADD", stream, "9-0", "a", "b"],
      ["XDEL", stream, "9-0"],
    ]);
    const after = await writer.publish([...activities(topic, 2, "next"), ...activities(other, 2, "next")]);
    expect(offsetsOf(after)).toEqual([1, 2, 4, 5]);
    expect(after[0]?.epoch).not.toBe(before[0]?.epoch);
    expect(after[2]?.epoch).toBe(before[3]?.epoch);
    await eventually(() => expect(offsetsOf(follower.deliveries)).toEqual([1, 2, 3, 1, 2]));
  });

  it("keep a publisher out that was paused, also when Redis evicted the position or its fence is damaged", async () => {
    const writer = await connect();
    for (const commands of [
      (topic: string): readonly Command[] => [["DEL", keysOf(topic).meta]],
      (topic: string): readonly Command[] => [
        ["DEL", keysOf(topic).fence],
        ["RPUSH", keysOf(topic).fence, "junk"],
      ],
      (topic: string): readonly Command[] => [["SET", keysOf(topic).fence, "junk"]],
    ]) {
      const topic = freshTopic();
      await writer.publish(activities(topic, 1), { fence: 5 });
      await spoil(topic, commands(topic));
      await expect(writer.publish([activity(topic, "late")], { fence: 4 })).rejects.toThrow(FencedError);
      await writer.publish([activity(topic, "next")], { fence: 6 });
      await spoil(topic, [["DEL", keysOf(topic).meta]]);
      await expect(writer.publish([activity(topic, "late")], { fence: 5 })).rejects.toThrow(FencedError);
    }
  });

  it("are told of in one line, however many there are", async () => {
    const writer = await connect();
    const topics = countTo(20).map(() => freshTopic());
    const told = lines.length;
    await writer.publish(topics.map((topic) => activity(topic, "event-1")));
    for (const topic of topics) await spoil(topic, [["SET", keysOf(topic).meta, "junk"]]);
    await writer.publish(topics.map((topic) => activity(topic, "event-2")));
    expect(damagesOf(writer, "meta")).toBe(topics.length);
    expect(lines.slice(told).filter((line) => line.includes("damaged"))).toEqual([
      "warn keys of a topic were damaged: they were removed, and a new epoch began",
    ]);
  });
});
