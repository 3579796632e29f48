import { silentLogger, type Logger } from "@commcoin/service/telemetry";
import { describe, expect, it } from "vitest";
import { createControlledBroker } from "../testing/controlled-broker.ts";
import { createFakeTransport } from "../testing/fake-transport.ts";
import { recordLog } from "../testing/recorded-log.ts";
import { createPositionCheck } from "./position-check.ts";
import type { ResetReason } from "./feed-context.ts";
import { createHistoryReads } from "./history-reads.ts";
import { ConcurrencyLimiter } from "./concurrency-limiter.ts";
import { createTopicFeeds } from "./topic-feeds.ts";

const TOPIC = "market_data";

async function liveFeed(log: Logger = silentLogger) {
  const source = createControlledBroker();
  const transport = createFakeTransport();
  const filled: number[] = [];
  const resets: ResetReason[] = [];
  const clock = { at: 0 };
  const now = (): number => clock.at;
  const feeds = createTopicFeeds({
    broker: source.broker,
    reads: createHistoryReads(source.broker, 8),
    startLimiter: new ConcurrencyLimiter(32),
    fanout: transport,
    observer: {
      delivered() {},
      conflated() {},
      gapFilled: (n) => filled.push(n),
      reset: (reason) => resets.push(reason),
    },
    log,
    now,
    signal: new AbortController().signal,
  });
  const positions = createPositionCheck({ broker: source.broker, feeds, log: silentLogger, now });
  const settle = async (): Promise<void> => {
    do await new Promise(setImmediate);
    while (source.answerOne());
    transport.endTurn();
  };
  const feed = feeds.enter(TOPIC);
  const starting = feed.start();
  await settle();
  await starting;
  const socket = transport.createSocket();
  feed.addSubscriber(socket);
  const seen = (): unknown[] =>
    socket.frames.map((text) => {
      const { type, offset, data } = JSON.parse(text) as {
        type: string;
        offset?: number;
        data: { epoch: string; offset: number; reason: string };
      };
      return type === "reset" ? `${data.reason}:${data.epoch}:${data.offset}` : offset;
    });
  return { source, feeds, feed, positions, clock, settle, seen, filled, resets };
}

describe("topic feed", () => {
  it("reads a hole from history before it goes on", async () => {
    const { source, settle, seen, filled } = await liveFeed();
    source.publish(TOPIC);
    source.publish(TOPIC, { lost: true });
    source.publish(TOPIC, { lost: true });
    source.publish(TOPIC);
    source.publish(TOPIC);
    await settle();
    expect(seen()).toEqual([1, 2, 3, 4, 5]);
    expect(filled).toEqual([4]);
  });

  it("holds live frames back while it reads, and needs no second read for them", async () => {
    const { source, settle, seen } = await liveFeed();
    source.publish(TOPIC, { lost: true });
    source.publish(TOPIC);
    const reads = source.reads;
    for (let i = 0; i < 100; i += 1) source.publish(TOPIC);
    await settle();
    expect(seen()).toEqual(Array.from({ length: 102 }, (_, i) => i + 1));
    expect(source.reads).toBe(reads);
  });

  it("tries again when history cannot be read", async () => {
    const { source, settle, seen } = await liveFeed();
    source.publish(TOPIC, { lost: true });
    source.publish(TOPIC);
    source.answerOne({ fail: true });
    await expect
      .poll(async () => {
        await settle();
        return seen();
      })
      .toEqual([1, 2]);
  });

  it("says that the position is lost when the hole is gone, and goes on after it", async () => {
    const { source, settle, seen, resets } = await liveFeed();
    source.publish(TOPIC);
    for (let i = 0; i < 5; i += 1) source.publish(TOPIC, { lost: true });
    source.trim(TOPIC, 2);
    source.publish(TOPIC);
    await settle();
    source.publish(TOPIC);
    await settle();
    expect(seen()).toEqual([1, "trimmed:e1:7", 8]);
    expect(resets).toEqual(["trimmed"]);
  });

  it("starts a new epoch at its beginning when that is kept", async () => {
    const { source, settle, seen } = await liveFeed();
    source.publish(TOPIC);
    source.forget(TOPIC);
    source.publish(TOPIC, { lost: true });
    source.publish(TOPIC);
    await settle();
    expect(seen()).toEqual([1, "epoch_changed:e2:0", 1, 2]);
  });

  it("finds a frame that nothing came after by comparing positions", async () => {
    const { source, positions, clock, settle, seen } = await liveFeed();
    source.publish(TOPIC, { lost: true });
    await Promise.all([positions.run(), settle()]);
    expect(seen()).toEqual([]);
    clock.at = 30_000;
    await Promise.all([positions.run(), settle()]);
    await settle();
    expect(seen()).toEqual([1]);
  });

  it("compares all positions at once after the broker was away, new epochs included", async () => {
    const { source, positions, settle, seen } = await liveFeed();
    source.publish(TOPIC);
    source.forget(TOPIC);
    positions.expireAll();
    await Promise.all([positions.run(), settle()]);
    await settle();
    expect(seen()).toEqual([1, "epoch_changed:e2:0"]);
  });

  it("says once that a topic stands still, and that it goes on when what is missing is repeated", async () => {
    const { logger, lines } = recordLog("info");
    const { source, feeds, feed, clock, settle, seen } = await liveFeed(logger);
    for (let n = 0; n < 3; n += 1) source.publish(TOPIC);
    source.rewind(TOPIC, 2);
    void feed.catchUp();
    await settle();
    expect(feeds.filling).toBe(1);
    expect(lines).toEqual([]);
    clock.at = 2_000;
    const { reads } = source;
    await expect
      .poll(async () => {
        await settle();
        return source.reads;
      })
      .toBe(reads + 2);
    expect(lines).toEqual([expect.stringContaining("the topic stands still")]);
    for (let n = 0; n < 3; n += 1) source.publish(TOPIC);
    await expect
      .poll(async () => {
        await settle();
        return seen();
      })
      .toEqual([1, 2, 3, 4]);
    expect(feeds.filling).toBe(0);
    expect(lines).toEqual([expect.anything(), expect.stringContaining("the topic goes on")]);
  });

  it("asks about idle topics only", async () => {
    const { source, feed, positions, clock, settle } = await liveFeed();
    clock.at = 29_000;
    source.publish(TOPIC);
    clock.at = 31_000;
    await Promise.all([positions.run(), settle()]);
    expect(feed.verifiedAt).toBe(29_000);
  });

  it("is closed a moment after the last member left, and not when one comes back", async () => {
    const { source, feeds, feed, clock, settle, seen } = await liveFeed();
    feeds.leave(feed);
    clock.at = 999;
    feeds.sweep();
    expect(feeds.enter(TOPIC)).toBe(feed);
    clock.at = 5_000;
    feeds.sweep();
    source.publish(TOPIC);
    feeds.leave(feed);
    clock.at = 6_000;
    feeds.sweep();
    expect(feeds.size).toBe(0);
    source.publish(TOPIC);
    await settle();
    expect(seen()).toEqual([1]);
  });
});
