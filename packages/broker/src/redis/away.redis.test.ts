import { eventually } from "@commcoin/tsconfig/eventually";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Broker } from "../broker.ts";
import { activity, countTo, follow, freshTopic, idOf, offsetsOf } from "../conformance/support.ts";
import { startRedisServer, type RedisServer } from "../testing/index.ts";
import { createTestBrokers } from "../testing/test-brokers.ts";

/** What is on its way when a connection dies fails after 5 s; a machine that is busy may need longer. */
const LONGEST_MS = 8_000;

/** What became of messages that were published at a steady rate, each once, whatever happened. */
interface Tally {
  readonly acknowledged: { readonly id: string; readonly epoch: string; readonly offset: number }[];
  readonly failed: string[];
  longestMs: number;
}

describe("Redis broker while Redis is away", () => {
  let server: RedisServer;
  const brokers = createTestBrokers();

  const connect = (): Promise<Broker> => brokers.connect({ url: server.url });
  /** Publishes two messages every 10 ms until it is told to stop, and never waits for an answer. */
  const publishSteadily = (broker: Broker, topic: string) => {
    const tally: Tally = { acknowledged: [], failed: [], longestMs: 0 };
    const open: Promise<void>[] = [];
    let count = 0;
    const publishOne = async (): Promise<void> => {
      count += 1;
      const id = `event-${count}`;
      const since = performance.now();
      try {
        const [published] = await broker.publish([activity(topic, id)]);
        if (published !== undefined) tally.acknowledged.push({ id, ...published });
      } catch {
        tally.failed.push(id);
      }
      tally.longestMs = Math.max(tally.longestMs, performance.now() - since);
    };
    const timer = setInterval(() => open.push(publishOne(), publishOne()), 10);
    return {
      tally,
      async stop(): Promise<Tally> {
        clearInterval(timer);
        await Promise.all(open);
        return tally;
      },
    };
  };
  const storedIn = async (broker: Broker, topic: string) => {
    const { deliveries, position } = await broker.history(topic);
    return { position, offsets: offsetsOf(deliveries), ids: deliveries.map(idOf), deliveries };
  };
  const healthy = (broker: Broker): Promise<void> => eventually(() => expect(broker.problem()).toBeNull());

  afterEach(async () => {
    await brokers.closeAll();
    await server.stop();
  });

  describe("with data on disk", () => {
    beforeEach(async () => {
      server = await startRedisServer({ args: ["--appendonly", "yes", "--appendfsync", "always"] });
    });

    it("stores what it acknowledged, once, through a crash", { timeout: 60_000 }, async () => {
      const [writer, reader] = [await connect(), await connect()];
      const topic = freshTopic("transactions");
      const follower = await follow(reader, topic);
      const publishing = publishSteadily(writer, topic);
      for (const target of [100, 200]) {
        await eventually(() => expect(publishing.tally.acknowledged.length).toBeGreaterThan(target));
        await server.kill();
        await eventually(() => expect(publishing.tally.failed.length).toBeGreaterThan(0));
        await server.restart();
        await healthy(writer);
      }
      const { acknowledged, failed, longestMs } = await publishing.stop();
      await healthy(reader);
      const stored = await storedIn(reader, topic);
      expect(longestMs).toBeLessThan(LONGEST_MS);
      expect(stored.position.epoch).toBe(follower.position.epoch);
      expect(stored.offsets).toEqual(countTo(stored.position.offset));
      expect(new Set(stored.ids).size).toBe(stored.ids.length);
      expect(acknowledged.filter(({ id, offset }) => stored.ids[offset - 1] !== id)).toEqual([]);
      // Nothing else is stored than what failed without an answer; sent again, each is found or stored once.
      const again = await writer.publish(failed.map((id) => activity(topic, id)));
      expect(again.filter(({ duplicate }) => duplicate)).toHaveLength(
        stored.ids.length - acknowledged.length,
      );
      expect((await storedIn(reader, topic)).ids.toSorted()).toEqual(
        [...acknowledged.map(({ id }) => id), ...failed].toSorted(),
      );
    });
  });

  describe("without data on disk", () => {
    beforeEach(async () => {
      server = await startRedisServer();
    });

    it("is done with every message in time while Redis is frozen for 20 s", { timeout: 90_000 }, async () => {
      const [writer, reader] = [await connect(), await connect()];
      const topic = freshTopic("transactions");
      const follower = await follow(reader, topic);
      const publishing = publishSteadily(writer, topic);
      await eventually(() => expect(publishing.tally.acknowledged.length).toBeGreaterThan(100));
      server.pause();
      const frozenAt = performance.now();
      await eventually(() => {
        expect(writer.problem()).toContain("Redis");
        expect(reader.problem()).toContain("Redis");
      });
      expect(performance.now() - frozenAt).toBeLessThan(LONGEST_MS);
      await eventually(() => expect(performance.now() - frozenAt).toBeGreaterThan(20_000), 30_000);
      server.resume();
      await healthy(writer);
      await healthy(reader);
      const before = publishing.tally.acknowledged.length;
      await eventually(() => expect(publishing.tally.acknowledged.length).toBeGreaterThan(before + 100));
      const { acknowledged, failed, longestMs } = await publishing.stop();

      expect(longestMs).toBeLessThan(LONGEST_MS);
      expect(failed.length).toBeGreaterThan(1_000);
      const stored = await storedIn(reader, topic);
      expect(stored.position.epoch).toBe(follower.position.epoch);
      expect(stored.offsets).toEqual(countTo(stored.position.offset));
      expect(acknowledged.filter(({ id, offset }) => stored.ids[offset - 1] !== id)).toEqual([]);
      expect(new Set(stored.ids).size).toBe(stored.ids.length);
      // What was delivered is in order and once; what was not can be read.
      const delivered = offsetsOf(follower.deliveries);
      expect(delivered).toEqual([...new Set(delivered)].toSorted((a, b) => a - b));
      expect(stored.offsets).toEqual(expect.arrayContaining([...delivered]));
    });

    it("says by a new epoch that what it acknowledged before is gone", { timeout: 60_000 }, async () => {
      const [writer, reader] = [await connect(), await connect()];
      const topic = freshTopic("transactions");
      const { position } = await follow(reader, topic);
      const publishing = publishSteadily(writer, topic);
      await eventually(() => expect(publishing.tally.acknowledged.length).toBeGreaterThan(100));
      await server.kill();
      await server.restart();
      await healthy(writer);
      const before = publishing.tally.acknowledged.length;
      await eventually(() => expect(publishing.tally.acknowledged.length).toBeGreaterThan(before + 100));
      const { acknowledged } = await publishing.stop();
      await healthy(reader);
      const stored = await storedIn(reader, topic);
      const inNewEpoch = acknowledged.filter(({ epoch }) => epoch === stored.position.epoch);
      expect(stored.position.epoch).not.toBe(position.epoch);
      expect(acknowledged.filter(({ epoch }) => epoch === position.epoch).length).toBeGreaterThan(100);
      expect(inNewEpoch.length).toBeGreaterThan(100);
      expect(inNewEpoch.filter(({ id, offset }) => stored.ids[offset - 1] !== id)).toEqual([]);
      expect(stored.offsets).toEqual(countTo(stored.position.offset));
    });

    it("refuses at once what comes while there is no connection, and keeps nothing of it", async () => {
      const broker = await connect();
      await server.kill();
      await eventually(() => expect(broker.problem()).toContain("No connection"));
      const topic = freshTopic();
      const since = performance.now();
      const large = "x".repeat(100_000);
      const outcomes = await Promise.allSettled(
        countTo(1_000).map((n) => broker.publish([activity(topic, `event-${n}`, large)])),
      );
      expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(["rejected"]));
      expect(performance.now() - since).toBeLessThan(LONGEST_MS);
      await server.restart();
      await healthy(broker);
      expect((await broker.history(topic)).position.offset).toBe(0);
    });
  });
});
