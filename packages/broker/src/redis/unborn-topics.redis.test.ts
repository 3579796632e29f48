import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Broker } from "../broker.ts";
import { activities, conformanceRetention, countTo, freshTopic, offsetsOf } from "../conformance/support.ts";
import { startRedisServer, type RedisServer } from "../testing/index.ts";
import { createTestBrokers } from "../testing/test-brokers.ts";

describe("a topic that does not exist", () => {
  let server: RedisServer;
  let redis: Redis;
  const brokers = createTestBrokers();

  beforeAll(async () => {
    server = await startRedisServer();
    redis = new Redis(server.url);
  });
  afterEach(async () => {
    await redis.flushdb();
    await brokers.closeAll();
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });
  const connect = (): Promise<Broker> =>
    brokers.connect({ url: server.url, retention: conformanceRetention });

  it.each([
    {},
    { last: 5 },
    { limit: 5 },
    { since: { epoch: "elsewhere", offset: 0 } },
    { since: { epoch: "elsewhere", offset: 9 } },
  ])("is not made by reading its past: %j", async (query) => {
    const broker = await connect();
    const topic = freshTopic();
    const { position, deliveries, unrecovered } = await broker.history(topic, query);
    expect(position.offset).toBe(0);
    expect(deliveries).toEqual([]);
    expect(unrecovered).toBe("since" in query ? "epoch_changed" : null);
    expect(await redis.keys(`*${topic}*`)).toEqual([]);
  });

  it("begins where its reader was told that it stands", async () => {
    const broker = await connect();
    const topic = freshTopic();
    const { position } = await broker.history(topic);
    expect((await broker.history(topic, { since: position })).unrecovered).toBeNull();
    expect(await broker.positions([topic])).toEqual([position]);
    await broker.publish(activities(topic, 3));
    const since = await broker.history(topic, { since: position });
    expect([since.unrecovered, offsetsOf(since.deliveries)]).toEqual([null, countTo(3)]);
  });

  it("does not come back in an epoch that it had before Redis lost it", async () => {
    const broker = await connect();
    const topic = freshTopic();
    const { position } = await broker.history(topic);
    await broker.positions([topic]);
    await redis.flushdb();
    const [again] = await broker.positions([topic]);
    expect(again?.epoch).not.toBe(position.epoch);
  });
});
