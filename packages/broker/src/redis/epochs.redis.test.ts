import { copyFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "@commcoin/tsconfig/eventually";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { BrokerUnavailableError, type Broker } from "../broker.ts";
import { activities, activity, countTo, follow, freshTopic, idOf } from "../conformance/support.ts";
import { startRedisServer, type RedisServer } from "../testing/index.ts";
import { createTestBrokers } from "../testing/test-brokers.ts";
import { startTcpProxy } from "../testing/tcp-proxy.ts";
import { withRedis } from "../testing/with-redis.ts";

/** Patience ends soon, so that a reader finds out what is lost before a publisher does. */
const REWIND_GRACE_MS = 300;

describe("epochs of a Redis broker", () => {
  let server: RedisServer;
  const brokers = createTestBrokers();

  const connect = (): Promise<Broker> => brokers.connect({ url: server.url, rewindGraceMs: REWIND_GRACE_MS });
  const healthy = (broker: Broker): Promise<void> => eventually(() => expect(broker.problem()).toBeNull());
  const admin = (command: string, ...args: string[]): Promise<unknown> =>
    withRedis(server.url, (redis) => redis.call(command, ...args));
  const snapshot = (): string => join(server.directory, "dump.rdb");
  const crash = async (change: () => Promise<void>, ...all: readonly Broker[]): Promise<void> => {
    await server.kill();
    await change();
    await server.restart();
    await Promise.all(all.map(healthy));
  };

  beforeEach(async () => {
    server = await startRedisServer();
  });
  afterEach(async () => {
    await brokers.closeAll();
    await server.stop();
  });

  it("have what was not acknowledged in the one before, also when that was stored", async () => {
    const [writer, reader, other] = [await connect(), await connect(), await connect()];
    const topic = freshTopic();
    const follower = await follow(reader, topic);
    await writer.publish(activities(topic, 3));
    await admin("SAVE");
    await writer.publish([activity(topic, "lost")]);
    await eventually(() => expect(follower.deliveries).toHaveLength(4));
    await crash(async () => {}, reader, other);
    const { epoch } = follower.position;
    let current = epoch;
    await eventually(async () => {
      [{ epoch: current } = { epoch }] = await reader.positions([topic]);
      expect(current).not.toBe(epoch);
    });

    const repeated = [activity(topic, "event-3"), activity(topic, "lost")];
    const published = [
      { epoch: current, offset: 1, duplicate: false },
      { epoch: current, offset: 2, duplicate: false },
    ];
    expect(await other.publish(repeated)).toEqual(published);
    expect(await other.publish(repeated)).toEqual(published.map((each) => ({ ...each, duplicate: true })));
    const { deliveries } = await other.history(topic);
    expect(deliveries.map(idOf)).toEqual(["event-3", "lost"]);
  });

  it.each(["the publisher", "a subscriber"])(
    "are never gone back to, as %s finds out, when a server comes back that was behind when one ended",
    async (who) => {
      const [writer, reader] = [await connect(), await connect()];
      const topic = freshTopic();
      const { epoch: first } = (await follow(reader, topic)).position;
      await writer.publish(activities(topic, 3));
      await admin("SAVE");
      await copyFile(snapshot(), `${snapshot()}.behind`);
      await writer.publish(activities(topic, 2, "unreplicated"));
      await crash(() => rm(snapshot()), writer, reader);
      await writer.publish(activities(topic, 2, "second"));
      // As everybody does who sees an epoch begin.
      const { epoch: second } = (await reader.history(topic)).position;
      expect(second).not.toBe(first);

      await crash(() => copyFile(`${snapshot()}.behind`, snapshot()), writer, reader);
      if (who === "a subscriber") await reader.positions([topic]);
      const publisher = who === "a subscriber" ? await connect() : writer;
      const [published] = await publisher.publish([activity(topic, "third")]);
      expect(published).toMatchObject({ offset: 1, duplicate: false });
      expect([first, second]).not.toContain(published?.epoch);
      expect((await reader.history(topic)).position).toEqual({ epoch: published?.epoch, offset: 1 });
    },
  );

  it("end as well when what Redis lost came to a subscriber behind a hole", async () => {
    const proxy = await startTcpProxy({ host: "127.0.0.1", port: server.port });
    onTestFinished(() => proxy.close());
    const writer = await connect();
    const reader = await brokers.connect({
      url: `redis://127.0.0.1:${proxy.port}`,
      rewindGraceMs: REWIND_GRACE_MS,
    });
    const topic = freshTopic();
    const follower = await follow(reader, topic);
    await writer.publish(activities(topic, 3));
    await eventually(() => expect(follower.deliveries).toHaveLength(3));
    await admin("SAVE");
    let missed = 0;
    proxy.filter((chunk) => {
      if (!chunk.includes("missed")) return true;
      missed += 1;
      return false;
    });
    await writer.publish([activity(topic, "missed")]);
    await eventually(() => expect(missed).toBe(1));
    await writer.publish(activities(topic, 2, "behind"));
    await eventually(() => expect(follower.deliveries.map(idOf)).toContain("behind-2"));

    await crash(async () => {}, reader);
    const other = await connect();
    await other.publish(activities(topic, 8, "other"));
    const [position] = await reader.positions([topic]);
    expect(position?.epoch).not.toBe(follower.position.epoch);
  });

  it("keep the order of a batch when Redis refuses a part of it", async () => {
    const writer = await connect();
    const topic = freshTopic();
    const batch = activities(topic, 20_000);
    await writer.publish([activity(topic, "first")]);
    await admin("CONFIG", "RESETSTAT");
    await admin("CONFIG", "SET", "maxmemory", "1");
    const outcome = writer.publish(batch).catch((error: unknown) => error);
    await eventually(async () =>
      expect(String(await admin("INFO", "errorstats"))).toContain("errorstat_OOM"),
    );
    await admin("CONFIG", "SET", "maxmemory", "0");
    expect(await outcome).toBeInstanceOf(BrokerUnavailableError);
    const { position } = await writer.history(topic, { limit: 1 });
    expect(position.offset).toBe(1);
    const published = await writer.publish(batch);
    expect(published.map(({ offset }) => offset)).toEqual(countTo(20_001, 2));
  });
});
