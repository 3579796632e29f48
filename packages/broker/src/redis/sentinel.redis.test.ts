import { eventually } from "@commcoin/tsconfig/eventually";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Broker } from "../broker.ts";
import { activity, countTo, follow, freshTopic, idOf, offsetsOf } from "../conformance/support.ts";
import { startRedisSentinel, type RedisSentinel } from "../testing/index.ts";
import { recordingLogger } from "../testing/recording-logger.ts";
import { createTestBrokers } from "../testing/test-brokers.ts";

describe("Redis broker behind Sentinel", { timeout: 60_000 }, () => {
  let sentinel: RedisSentinel;
  const brokers = createTestBrokers();
  let lines: readonly string[] = [];

  const connect = (): Promise<Broker> => {
    const recording = recordingLogger();
    lines = recording.lines;
    return brokers.connect({ url: sentinel.url, logger: recording.logger });
  };
  /** As publishers do it: what is not confirmed in time, on a busy machine or in a failover, is published again. */
  const publishUntilDone = (broker: Broker, topic: string, ...ids: readonly string[]): Promise<void> =>
    eventually(async () => {
      await broker.publish(ids.map((id) => activity(topic, id)));
    }, 30_000);

  beforeEach(async () => {
    sentinel = await startRedisSentinel();
  });
  afterEach(async () => {
    await brokers.closeAll();
    await sentinel.stop();
  });

  it("moves to the new master, repeats what failed, and delivers on", async () => {
    const [writer, reader] = [await connect(), await connect()];
    const topic = freshTopic();
    const follower = await follow(reader, topic);
    await publishUntilDone(writer, topic, "event-1");
    await eventually(() => expect(follower.deliveries).toHaveLength(1));

    await sentinel.master.kill();
    for (const n of countTo(50, 2)) await publishUntilDone(writer, topic, `event-${n}`);
    await eventually(() => expect(reader.problem()).toBeNull(), 30_000);
    await publishUntilDone(writer, topic, "last");
    await eventually(() => expect(follower.deliveries.map(idOf).at(-1)).toBe("last"));

    const { deliveries, unrecovered } = await reader.history(topic, { since: follower.position });
    expect(unrecovered).toBeNull();
    expect(deliveries.map(idOf)).toEqual([...countTo(50).map((n) => `event-${n}`), "last"]);
    expect(offsetsOf(deliveries)).toEqual(countTo(51));
  });

  it("acknowledges nothing that a failover would lose, and repeats it at the same positions", async () => {
    const [reader, writer] = [await connect(), await connect()];
    const topic = freshTopic();
    const follower = await follow(reader, topic);
    await publishUntilDone(writer, topic, "event-1", "event-2", "event-3");
    await sentinel.stopReplication();
    const ids = ["a", "b", "c"];
    const publishing = (async () => {
      for (const id of ids) await publishUntilDone(writer, topic, id);
    })();
    await expect(writer.publish([activity(topic, "a")])).rejects.toThrow("replica has not got it");
    // It was sent to subscribers all the same.
    await eventually(() => expect(follower.deliveries.map(idOf)).toContain("a"));

    await sentinel.master.kill();
    await publishing;
    await eventually(() => expect(reader.problem()).toBeNull(), 30_000);
    const { deliveries, unrecovered, position } = await reader.history(topic, { since: follower.position });
    expect(unrecovered).toBeNull();
    expect(position.epoch).toBe(follower.position.epoch);
    expect(deliveries.map(idOf)).toEqual(["event-1", "event-2", "event-3", ...ids]);
    await publishUntilDone(writer, topic, "last");
    await eventually(() => expect(follower.deliveries.map(idOf).at(-1)).toBe("last"));
    expect(lines).toContain("info no replica will confirm");
  });

  it("goes on without a replica that stays away, and waits for it again when it is back", async () => {
    const writer = await connect();
    const topic = freshTopic();
    await publishUntilDone(writer, topic, "a");
    await sentinel.stopReplication();
    // However long nothing was published: the patience begins with the first message that is not confirmed.
    const since = performance.now();
    await publishUntilDone(writer, topic, "b");
    expect(performance.now() - since).toBeGreaterThan(4_000);
    expect(lines.at(-1)).toContain("going on without");
    await sentinel.resumeReplication();
    await eventually(async () => {
      await writer.publish([activity(topic, "c")]);
      expect(lines.at(-1)).toContain("a replica confirms again");
    }, 30_000);
    await sentinel.stopReplication();
    await expect(writer.publish([activity(topic, "d")])).rejects.toThrow("replica has not got it");
  });
});
