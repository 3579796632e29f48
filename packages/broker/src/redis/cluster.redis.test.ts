import { eventually } from "@commcoin/tsconfig/eventually";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BrokerUnavailableError, type Broker, type Delivery } from "../broker.ts";
import {
  activities,
  activity,
  countTo,
  follow,
  freshTopic,
  idOf,
  offsetsOf,
} from "../conformance/support.ts";
import { startRedisCluster, type RedisCluster } from "../testing/index.ts";
import { createTestBrokers } from "../testing/test-brokers.ts";

const FAILOVER_MS = 30_000;

describe("Redis broker on a cluster", () => {
  let cluster: RedisCluster;
  const brokers = createTestBrokers();

  const connect = (): Promise<Broker> => brokers.connect({ url: cluster.url });
  const healthy = (...all: Broker[]): Promise<void> =>
    eventually(() => {
      for (const broker of all) expect(broker.problem()).toBeNull();
    }, FAILOVER_MS);
  /** As publishers do it: what is refused is brought again. */
  const acknowledged = (broker: Broker, messages: Parameters<Broker["publish"]>[0]): Promise<unknown> =>
    eventually(() => broker.publish(messages), FAILOVER_MS);
  const keyOf = (topic: string): string => `{${topic}}`;
  /** Topics of which each master holds some. */
  const topicsOfAllMasters = async (): Promise<readonly (readonly string[])[]> => {
    const topics = countTo(30).map(() => freshTopic());
    const owners = await Promise.all(topics.map((topic) => cluster.ownerOf(keyOf(topic))));
    return cluster.masters.map((master) => topics.filter((_, index) => owners[index] === master));
  };

  beforeEach(async () => {
    cluster = await startRedisCluster({ masters: 3, replicas: 1 });
  }, 60_000);
  afterEach(async () => {
    await brokers.closeAll();
    await cluster.stop();
  });

  it("loses nothing it acknowledged when a master dies, and delivers on", { timeout: 90_000 }, async () => {
    const [writer, reader] = [await connect(), await connect()];
    const [lost = [], ...others] = await topicsOfAllMasters();
    const topics = [...lost, ...others.flat()];
    expect(lost.length).toBeGreaterThan(0);
    const followers = await Promise.all(topics.map((topic) => follow(reader, topic)));
    const states: (string | null)[] = [];
    reader.watch((problem) => states.push(problem));
    const acknowledged = new Map<string, string[]>(topics.map((topic) => [topic, []]));
    const epochs = new Map<string, Set<string>>(topics.map((topic) => [topic, new Set()]));
    let failures = 0;
    let longestMs = 0;
    const publishOne = async (topic: string, id: string): Promise<void> =>
      eventually(async () => {
        const since = performance.now();
        try {
          const [published] = await writer.publish([activity(topic, id)]);
          epochs.get(topic)?.add(published?.epoch ?? "");
        } catch (error) {
          failures += 1;
          throw error;
        } finally {
          longestMs = Math.max(longestMs, performance.now() - since);
        }
        acknowledged.get(topic)?.push(id);
      }, FAILOVER_MS);
    const rounds = 150;
    const publishing = (async () => {
      for (const n of countTo(rounds))
        await Promise.all(topics.map((topic) => publishOne(topic, `event-${n}`)));
    })();
    await eventually(() => expect(acknowledged.get(topics[0] ?? "")?.length).toBeGreaterThan(20));
    await cluster.masters[0]?.kill();
    await publishing;
    await healthy(writer, reader);
    for (const topic of topics) await publishOne(topic, "last");
    await eventually(() => {
      for (const { deliveries } of followers)
        expect(deliveries.at(-1) && idOf(deliveries.at(-1) as Delivery)).toBe("last");
    });

    expect(failures).toBeGreaterThan(0);
    expect(longestMs).toBeLessThan(12_000);
    expect(states.some((state) => state !== null)).toBe(true);
    const ids = [...countTo(rounds).map((n) => `event-${n}`), "last"];
    const outcomes = await Promise.all(
      topics.map(async (topic, index) => {
        const { deliveries, unrecovered } = await reader.history(topic, {
          since: followers[index]?.position ?? { epoch: "", offset: 0 },
        });
        return {
          topic,
          acknowledged: acknowledged.get(topic),
          stored: deliveries.map(idOf),
          offsets: offsetsOf(deliveries),
          unrecovered,
          epochs: epochs.get(topic)?.size,
        };
      }),
    );
    const whole = {
      acknowledged: ids,
      stored: ids,
      offsets: countTo(rounds + 1),
      unrecovered: null,
      epochs: 1,
    };
    // Replication is asynchronous: what the dead master acknowledged last may be gone. Then a new epoch says so.
    const told = { acknowledged: ids, stored: [], offsets: [], unrecovered: "epoch_changed", epochs: 2 };
    expect(outcomes).toEqual(
      outcomes.map(({ topic, unrecovered }) => ({
        topic,
        ...(unrecovered !== null && lost.includes(topic) ? told : whole),
      })),
    );
    // Topics of the other masters were not disturbed.
    const undisturbed = followers.filter((_, index) => !lost.includes(topics[index] ?? ""));
    expect(undisturbed.map(({ deliveries }) => offsetsOf(deliveries))).toEqual(
      undisturbed.map(() => countTo(rounds + 1)),
    );
    // Control, registry and leases work on the nodes that are left.
    const stop = await reader.control.listen("server-1", () => {});
    await writer.control.send({ all: true }, { type: "drain" });
    expect(await reader.leases.acquire("lease", "one", 1_000)).not.toBeNull();
    expect(await reader.registry.servers()).toEqual([]);
    stop();
  });

  it("follows a slot to another node without a hole in the order", { timeout: 90_000 }, async () => {
    const [writer, reader] = [await connect(), await connect()];
    const topic = freshTopic();
    const follower = await follow(reader, topic);
    let sent = 0;
    const stopping = new AbortController();
    const published: Promise<unknown>[] = [];
    // Sends without waiting for answers, so that many are on their way when the slot moves.
    const publishing = (async () => {
      while (!stopping.signal.aborted) {
        for (const _ of countTo(20)) {
          sent += 1;
          published.push(writer.publish([activity(topic, `event-${sent}`)]));
        }
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    const from = await cluster.ownerOf(keyOf(topic));
    const there = cluster.masters.find((master) => master !== from) ?? from;
    for (const to of [there, from, there]) {
      const before = sent;
      await eventually(() => expect(sent).toBeGreaterThan(before + 100));
      await cluster.moveSlot(keyOf(topic), to);
    }
    const before = sent;
    await eventually(() => expect(sent).toBeGreaterThan(before + 100));
    stopping.abort();
    await publishing;
    const outcomes = await Promise.all(published);
    expect(outcomes.flat()).toMatchObject(countTo(sent).map((offset) => ({ offset, duplicate: false })));
    await healthy(reader, writer);
    const { deliveries, position } = await reader.history(topic, { last: 500 });
    expect(position).toEqual({ epoch: follower.position.epoch, offset: sent });
    expect(deliveries.map(idOf)).toEqual(
      countTo(sent, position.offset - deliveries.length + 1).map((n) => `event-${n}`),
    );
    await writer.publish([activity(topic, "last")]);
    await eventually(() => expect(idOf(follower.deliveries.at(-1) as Delivery)).toBe("last"));
    // What arrived is in order and once; what is missing shows.
    const offsets = offsetsOf(follower.deliveries);
    expect(offsets).toEqual([...new Set(offsets)].toSorted((a, b) => a - b));
  });

  it(
    "does without a master that is frozen, and is not misled when it wakes up",
    { timeout: 90_000 },
    async () => {
      const [writer, reader] = [await connect(), await connect()];
      const [frozen = [], working = []] = await topicsOfAllMasters();
      const [topic = "", other = ""] = [frozen[0], working[0]];
      const follower = await follow(reader, topic);
      await writer.publish(activities(topic, 3));
      const master = cluster.masters[0];
      master?.pause();
      // The others' topics go on.
      await acknowledged(writer, activities(other, 3));
      await expect(writer.publish([activity(topic, "event-4")])).rejects.toThrow(BrokerUnavailableError);
      await acknowledged(writer, [activity(topic, "event-4")]);
      master?.resume();
      await acknowledged(writer, activities(topic, 6));
      await healthy(writer, reader);
      const fresh = await connect();
      await acknowledged(fresh, [activity(topic, "event-7")]);
      const { deliveries, position } = await fresh.history(topic);
      expect(position).toEqual({ epoch: follower.position.epoch, offset: 7 });
      expect(deliveries.map(idOf)).toEqual(countTo(7).map((n) => `event-${n}`));
      await eventually(() => expect(idOf(follower.deliveries.at(-1) as Delivery)).toBe("event-7"));
    },
  );

  it("says what is wrong when the address leads to no cluster", async () => {
    const broker = brokers.create({ url: "redis://127.0.0.1:1,127.0.0.1:2" });
    await expect(broker.start()).rejects.toThrow(/127\.0\.0\.1:1,127\.0\.0\.1:2: .*ECONNREFUSED/);
  }, 20_000);
});
