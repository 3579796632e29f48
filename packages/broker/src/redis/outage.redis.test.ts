import { eventually } from "@commcoin/tsconfig/eventually";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BrokerUnavailableError, type Broker } from "../broker.ts";
import {
  activities,
  activity,
  countTo,
  flush,
  follow,
  freshTopic,
  idOf,
  offsetsOf,
} from "../conformance/support.ts";
import { startRedisServer, type RedisServer } from "../testing/index.ts";
import { recordingLogger } from "../testing/recording-logger.ts";
import { createTestBrokers } from "../testing/test-brokers.ts";
import { withRedis } from "../testing/with-redis.ts";

/** Long enough to repeat a few messages, short enough to wait for it. */
const REWIND_GRACE_MS = 1_500;

describe("Redis broker through outages", () => {
  let server: RedisServer;
  const brokers = createTestBrokers();
  let lines: readonly string[] = [];

  const connect = (): Promise<Broker> => {
    const recording = recordingLogger();
    lines = recording.lines;
    return brokers.connect({ url: server.url, logger: recording.logger, rewindGraceMs: REWIND_GRACE_MS });
  };
  const healthy = (broker: Broker): Promise<void> => eventually(() => expect(broker.problem()).toBeNull());
  const admin = (command: string, ...args: string[]): Promise<unknown> =>
    withRedis(server.url, (redis) => redis.call(command, ...args));

  afterEach(async () => {
    await brokers.closeAll();
    await server.stop();
  });

  describe("with data on disk", () => {
    beforeEach(async () => {
      server = await startRedisServer({ args: ["--appendonly", "yes", "--appendfsync", "always"] });
    });

    it("goes on in the same epoch after a crash, delivers again, and tells when", async () => {
      const broker = await connect();
      const topic = freshTopic();
      const follower = await follow(broker, topic);
      await broker.publish(activities(topic, 3));
      await eventually(() => expect(follower.deliveries).toHaveLength(3));
      const states: (string | null)[] = [];
      broker.watch((problem) => states.push(problem));

      await server.kill();
      await eventually(() =>
        expect(broker.problem()).toContain("No connection to Redis at redis://127.0.0.1"),
      );
      await expect(broker.publish([activity(topic, "event-4")])).rejects.toThrow(BrokerUnavailableError);
      await expect(broker.subscribe(freshTopic(), () => {})).rejects.toThrow(BrokerUnavailableError);
      await expect(broker.history(topic)).rejects.toThrow(BrokerUnavailableError);
      await expect(broker.positions([topic])).rejects.toThrow(BrokerUnavailableError);
      await server.restart();
      await healthy(broker);

      expect(await broker.publish([activity(topic, "event-3"), activity(topic, "event-4")])).toEqual([
        { epoch: follower.position.epoch, offset: 3, duplicate: true },
        { epoch: follower.position.epoch, offset: 4, duplicate: false },
      ]);
      await eventually(() => expect(offsetsOf(follower.deliveries)).toEqual([1, 2, 3, 4]));
      expect(states.at(0)).toContain("No connection");
      expect(states.at(-1)).toBeNull();
      expect(lines).toEqual([expect.stringMatching(/^warn No connection/), "info Redis is back"]);
    });

    it("publishes everything once when the publisher repeats what failed", { timeout: 60_000 }, async () => {
      const [writer, reader] = [await connect(), await connect()];
      const topic = freshTopic();
      const ids = countTo(1_500).map((n) => `event-${n}`);
      const publishing = (async () => {
        for (const id of ids) {
          await eventually(async () => {
            await writer.publish([activity(topic, id)]);
          }, 20_000);
        }
      })();
      for (const part of [300, 600, 900]) {
        await eventually(async () => {
          const [position] = await reader.positions([topic]);
          expect(position?.offset).toBeGreaterThan(part);
        });
        await server.kill();
        await server.restart();
      }
      await publishing;
      await healthy(reader);
      const { deliveries, position } = await reader.history(topic);
      expect(position.offset).toBe(1_500);
      expect(deliveries.map(idOf)).toEqual(ids.slice(500));
    });
  });

  describe("without data on disk", () => {
    beforeEach(async () => {
      server = await startRedisServer();
    });

    it("begins a new epoch, in which every number is new", async () => {
      const broker = await connect();
      const topic = freshTopic();
      const follower = await follow(broker, topic);
      await broker.publish(activities(topic, 3));
      await eventually(() => expect(follower.deliveries).toHaveLength(3));
      const { position: before } = await broker.history(topic);
      await server.kill();
      await server.restart();
      await healthy(broker);
      expect(await broker.history(topic, { since: before })).toMatchObject({
        unrecovered: "epoch_changed",
        deliveries: [],
        position: { epoch: expect.not.stringMatching(before.epoch), offset: 0 },
      });
      await broker.publish([activity(topic, "event-1")]);
      await eventually(() => expect(offsetsOf(follower.deliveries)).toEqual([1, 2, 3, 1]));
      expect(follower.deliveries.at(-1)?.epoch).not.toBe(before.epoch);
    });

    it.each(["the publisher", "a subscriber"])(
      "never gives a number out twice when Redis comes back with an older state, as %s finds out",
      async (who) => {
        const [writer, reader] = [await connect(), await connect()];
        const topic = freshTopic();
        const follower = await follow(reader, topic);
        await writer.publish(activities(topic, 3));
        await admin("SAVE");
        await writer.publish(activities(topic, 3, "lost"));
        await eventually(() => expect(follower.deliveries).toHaveLength(6));
        const seen = follower.deliveries.at(-1);

        await server.kill();
        await server.restart();
        await Promise.all([healthy(writer), healthy(reader)]);
        const fresh = await connect();
        const isNewEpoch = async (): Promise<void> => {
          const [position] = await reader.positions([topic]);
          if (position?.epoch === seen?.epoch) throw new Error("The epoch is still the old one.");
        };
        if (who === "a subscriber") await eventually(isNewEpoch);
        const publisher = who === "a subscriber" ? fresh : writer;
        const [published] = await publisher.publish([activity(topic, "after")]);
        expect(published).toMatchObject({ offset: 1, duplicate: false });
        expect(published?.epoch).not.toBe(seen?.epoch);
        expect(await fresh.history(topic)).toMatchObject({ position: { offset: 1 } });
        expect(await publisher.publish(activities(topic, 3, "lost"))).toMatchObject([
          { duplicate: false },
          { duplicate: false },
          { duplicate: false },
        ]);
        await eventually(() =>
          expect(offsetsOf(follower.deliveries)).toEqual([1, 2, 3, 4, 5, 6, 1, 2, 3, 4]),
        );
      },
    );

    /** Redis comes back without the last three messages, which a reader saw; somebody who did not see them publishes. */
    const afterLoss = async () => {
      const [writer, reader] = [await connect(), await connect()];
      const topic = freshTopic();
      const follower = await follow(reader, topic);
      await writer.publish(activities(topic, 3));
      await admin("SAVE");
      await writer.publish(activities(topic, 3, "lost"));
      await eventually(() => expect(follower.deliveries).toHaveLength(6));
      await server.kill();
      await server.restart();
      await healthy(reader);
      return { topic, reader, follower, other: await connect() };
    };

    it("finds out that other messages stand where those were that it lost, however many", async () => {
      const { topic, reader, follower, other } = await afterLoss();
      await other.publish(activities(topic, 5, "other"));
      const [position] = await reader.positions([topic]);
      expect(position?.epoch).not.toBe(follower.position.epoch);
      await other.publish([activity(topic, "after")]);
      await eventually(() => expect(follower.deliveries.map(idOf).at(-1)).toBe("after"));
      expect(follower.deliveries.map(idOf)).not.toContain("other-4");
    });

    it("goes on as if nothing had been when the publisher repeats what was lost", async () => {
      const { topic, reader, follower, other } = await afterLoss();
      const before = await reader.positions([topic]);
      expect(before).toEqual([{ epoch: follower.position.epoch, offset: 3 }]);
      await other.publish(activities(topic, 3, "lost"));
      await other.publish([activity(topic, "after")]);
      const since = { epoch: follower.position.epoch, offset: 6 };
      const { unrecovered, deliveries } = await reader.history(topic, { since });
      expect(unrecovered).toBeNull();
      expect(deliveries.map(idOf)).toEqual(["after"]);
      await eventually(() => expect(follower.deliveries.map(idOf).at(-1)).toBe("after"));
      expect(offsetsOf(follower.deliveries)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    });

    it(
      "notices a Redis that is frozen, fails what waits for it, and recovers",
      { timeout: 60_000 },
      async () => {
        const broker = await connect();
        const topic = freshTopic();
        const follower = await follow(broker, topic);
        server.pause();
        const since = performance.now();
        await expect(broker.publish([activity(topic, "a")])).rejects.toThrow(BrokerUnavailableError);
        expect(performance.now() - since).toBeLessThan(9_000);
        await eventually(() => expect(broker.problem()).not.toBeNull());
        server.resume();
        await healthy(broker);
        // Redis may have done what it was sent before it froze: then this is the duplicate that it should be.
        await broker.publish([activity(topic, "a")]);
        await flush(broker, topic, [follower]);
        expect((await broker.history(topic)).deliveries.map(idOf).filter((id) => id === "a")).toEqual(["a"]);
        expect(lines.filter((line) => line.startsWith("warn"))).toHaveLength(1);
      },
    );

    it("subscribes again when Redis cut the subscriber off", async () => {
      const broker = await connect();
      const topics = countTo(1_200).map(() => freshTopic());
      const followers = await Promise.all(topics.map((topic) => follow(broker, topic)));
      const states: (string | null)[] = [];
      broker.watch((problem) => states.push(problem));
      expect(await admin("CLIENT", "KILL", "TYPE", "pubsub")).toBe(1);
      await eventually(() => expect(states.at(-1)).toBeNull());
      expect(states.length).toBeGreaterThan(1);
      await broker.publish(topics.map((topic) => activity(topic, "a")));
      await eventually(() => {
        expect(followers.filter(({ deliveries }) => deliveries.length === 1)).toHaveLength(1_200);
      });
    });

    it("publishes on when its scripts were flushed", async () => {
      const broker = await connect();
      const topic = freshTopic();
      await broker.publish(activities(topic, 2));
      await admin("SCRIPT", "FLUSH");
      expect(offsetsOf(await broker.publish(activities(topic, 5)))).toEqual([1, 2, 3, 4, 5]);
    });
  });
});
