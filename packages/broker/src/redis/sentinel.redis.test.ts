import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Broker } from "../broker.ts";
import {
  activity,
  countTo,
  eventually,
  follow,
  freshTopic,
  idOf,
  offsetsOf,
} from "../conformance/support.ts";
import { startRedisSentinel, type RedisSentinel } from "../testing/index.ts";
import { createTestBrokers } from "../testing/test-brokers.ts";

describe("Redis broker behind Sentinel", () => {
  let sentinel: RedisSentinel;
  const brokers = createTestBrokers();

  const connect = (): Promise<Broker> => brokers.connect({ url: sentinel.url });

  beforeAll(async () => {
    sentinel = await startRedisSentinel();
  });
  afterAll(async () => {
    await brokers.closeAll();
    await sentinel.stop();
  });

  it("moves to the new master, repeats what failed, and delivers on", { timeout: 60_000 }, async () => {
    const [writer, reader] = [await connect(), await connect()];
    const topic = freshTopic();
    const follower = await follow(reader, topic);
    const publish = async (id: string): Promise<void> =>
      eventually(async () => {
        await writer.publish([activity(topic, id)]);
      }, 30_000);
    await publish("event-1");
    await eventually(() => expect(follower.deliveries).toHaveLength(1));

    await sentinel.master.kill();
    for (const n of countTo(50, 2)) await publish(`event-${n}`);
    await eventually(() => expect(reader.problem()).toBeNull(), 30_000);
    await publish("last");
    await eventually(() => expect(follower.deliveries.map(idOf).at(-1)).toBe("last"));

    const { deliveries, unrecovered } = await reader.history(topic, { since: follower.position });
    expect(unrecovered).toBeNull();
    expect(deliveries.map(idOf)).toEqual([...countTo(50).map((n) => `event-${n}`), "last"]);
    expect(offsetsOf(deliveries)).toEqual(countTo(51));
  });
});
