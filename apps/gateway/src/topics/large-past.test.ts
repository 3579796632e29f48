import { createMemoryBroker } from "@commcoin/broker";
import { silentLogger } from "@commcoin/service/telemetry";
import { describe, expect, it } from "vitest";
import { createHistoryReads } from "./history-reads.ts";
import type { TopicFeed } from "./topic-feed.ts";
import { createTopicFeeds } from "./topic-feeds.ts";
import { ConcurrencyLimiter } from "./concurrency-limiter.ts";

const MEBIBYTE = 1_048_576;
const MESSAGE_BYTES = 40_000;

/** Topics with a past of large messages, which this gateway has just joined. */
async function createWorld(topics: readonly string[], count: number, kept = 20_000) {
  const world = { time: 0 };
  const broker = createMemoryBroker({ retention: () => ({ maxMessages: kept, maxAgeMs: 600_000 }) });
  const feeds = createTopicFeeds({
    broker,
    reads: createHistoryReads(broker, 8),
    startLimiter: new ConcurrencyLimiter(32),
    fanout: { publish() {} },
    observer: { delivered() {}, conflated() {}, gapFilled() {}, reset() {} },
    log: silentLogger,
    now: () => world.time,
    signal: new AbortController().signal,
  });
  const data = { user_id: "u", activity_type: "trade", data: { padding: "x".repeat(MESSAGE_BYTES) } };
  const joined: TopicFeed[] = [];
  let published = 0;
  const publish = async (topic: string, messages: number): Promise<void> => {
    const ids = Array.from({ length: messages }, () => `m${(published += 1)}`);
    await broker.publish(ids.map((id) => ({ topic, type: "UserActivity", id, data })));
  };
  for (const topic of topics) {
    await publish(topic, count);
    const feed = feeds.enter(topic);
    await feed.start();
    joined.push(feed);
  }
  const held = (): number => joined.reduce((sum, { recentBytes }) => sum + recentBytes, 0);
  return { world, feeds, joined, held, publish };
}

const fromStart = ({ epoch }: TopicFeed) => ({ since: { epoch, offset: 0 } });

describe("a past that is too large to be held", () => {
  it("is replayed all the same: the newest part from memory, the rest piece by piece", async () => {
    const { joined, held } = await createWorld(["transactions"], 800);
    for (const feed of joined) {
      const wish = fromStart(feed);
      await feed.prepare(wish);
      expect(feed.plan(wish)).toEqual({ state: { recovered: true, replayed: 800 }, from: 1 });
      expect(feed.planFromMemory(wish)).toBeNull();
      expect(held()).toBeGreaterThan(15 * MEBIBYTE);
      expect(held()).toBeLessThan(17 * MEBIBYTE);
      expect(feed.frameAt(1)).toBeUndefined();
      expect((await feed.readAfter(0)).map((frame) => Buffer.from(frame).includes('"offset":1,'))).toEqual([
        true,
        false,
        false,
      ]);
    }
  });

  it("is not held for longer than one that is small", async () => {
    const { world, feeds, joined, held } = await createWorld(["transactions", "market_data"], 500);
    for (const feed of joined) await feed.prepare(fromStart(feed));
    world.time += 10_001;
    feeds.sweep();
    expect(held()).toBeLessThan(MEBIBYTE);
    // There is room again.
    for (const feed of joined) await feed.prepare({ last: 100 });
    for (const feed of joined) expect(feed.plan({ last: 100 })?.state.replayed).toBe(100);
  });

  it("does not grow by what is published while it is held", async () => {
    const { joined, held, publish } = await createWorld(["transactions"], 800);
    for (const feed of joined) {
      await feed.prepare(fromStart(feed));
      await publish("transactions", 800);
      await expect.poll(() => feed.offset).toBe(1_600);
      expect(held()).toBeLessThan(17 * MEBIBYTE);
    }
  });

  it("is not replayed when its beginning is gone", async () => {
    const { joined } = await createWorld(["transactions"], 800, 700);
    for (const feed of joined) {
      await feed.prepare(fromStart(feed));
      expect(feed.plan(fromStart(feed))?.state).toEqual({ recovered: false, replayed: 0, reason: "trimmed" });
      const wish = { since: { epoch: feed.epoch, offset: 100 } };
      await feed.prepare(wish);
      expect(feed.plan(wish)?.state).toEqual({ recovered: true, replayed: 700 });
    }
  });

  it("of many topics together is bounded, and whoever asks for the newest few gets fewer", async () => {
    const topics = Array.from({ length: 12 }, (_, n) => `token:${n}`);
    const { joined, held } = await createWorld(topics, 400);
    for (const feed of joined) {
      await feed.prepare(fromStart(feed));
      expect(feed.plan(fromStart(feed))?.state).toEqual({ recovered: true, replayed: 400 });
    }
    expect(held()).toBeLessThan(136 * MEBIBYTE);
    const [last] = joined.slice(-1);
    expect(last?.plan({ last: 100 })?.state.replayed).toBeLessThan(20);
    expect(last?.plan({ last: 100 })?.state.replayed).toBeGreaterThan(0);
  });
});
