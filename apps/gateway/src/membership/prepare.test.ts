import { silentLogger } from "@commcoin/service/telemetry";
import { BrokerUnavailableError } from "@commcoin/broker";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createControlledBroker } from "../testing/controlled-broker.ts";
import { createFakeTransport } from "../testing/fake-transport.ts";
import type { ReplayPlan } from "../topics/replay-plan.ts";
import { createHistoryReads } from "../topics/history-reads.ts";
import { BusyError, ConcurrencyLimiter } from "../topics/concurrency-limiter.ts";
import { createTopicFeeds } from "../topics/topic-feeds.ts";
import { whenPrepared } from "./prepare.ts";

const TOPIC = "market_data";
const SEEN = 3;

/** A topic with three messages, as a gateway sees it. */
async function setUp() {
  const source = createControlledBroker();
  for (let n = 0; n < SEEN; n += 1) source.publish(TOPIC);
  const feeds = createTopicFeeds({
    broker: source.broker,
    reads: createHistoryReads(source.broker, 8),
    startLimiter: new ConcurrencyLimiter(32),
    fanout: createFakeTransport(),
    observer: { delivered() {}, conflated() {}, gapFilled() {}, reset() {} },
    log: silentLogger,
    now: () => 0,
    signal: new AbortController().signal,
  });
  const feed = feeds.enter(TOPIC);
  const settle = async (): Promise<void> => {
    do await new Promise(setImmediate);
    while (source.answerOne());
  };
  const starting = feed.start();
  await settle();
  await starting;
  const pauses: { readonly ms: number; readonly end: () => void }[] = [];
  const wanted = { is: true };
  /** Joins as somebody who saw so many more messages elsewhere; `state` is what that came to. */
  const join = async (lead: number) => {
    const since = { epoch: feed.epoch, offset: SEEN + lead };
    const outcome: { state: ReplayPlan["state"] | null; isOver: boolean } = { state: null, isOver: false };
    void whenPrepared(
      [{ feed, since }],
      () => wanted.is,
      () => {
        outcome.state = feed.plan({ since })?.state ?? null;
      },
      (ms) => new Promise((resolve) => pauses.push({ ms, end: resolve })),
    ).then(() => {
      outcome.isOver = true;
    });
    await settle();
    return outcome;
  };
  const pass = async (): Promise<void> => {
    await settle();
    pauses.at(-1)?.end();
    await settle();
  };
  return { source, join, pass, pauses, wanted };
}

describe("a client that is ahead of the topic", () => {
  it("is waited for until what it saw is repeated, and has lost nothing", async () => {
    const { source, join, pass, pauses } = await setUp();
    const outcome = await join(2);
    expect(outcome.state).toBeNull();
    await pass();
    expect(outcome.state).toBeNull();
    source.publish(TOPIC);
    source.publish(TOPIC);
    const { reads } = source;
    await pass();
    expect(outcome.state).toEqual({ recovered: true, replayed: 0 });
    expect(pauses.map(({ ms }) => ms)).toEqual([250, 250]);
    // Others may wait as well: nobody asks the broker each time.
    expect(source.reads).toBe(reads);
  });

  it("is told after five seconds that its position is lost", async () => {
    const { join, pass, pauses } = await setUp();
    const outcome = await join(2);
    for (let n = 1; outcome.state === null && n < 100; n += 1) await pass();
    expect(outcome.state).toEqual({ recovered: false, replayed: 0, reason: "epoch_changed" });
    expect(pauses.reduce((sum, { ms }) => sum + ms, 0)).toBe(5_000);
  });

  it("is told at once when it is further ahead than a failover explains", async () => {
    const { join, pauses } = await setUp();
    expect((await join(4_097)).state).toMatchObject({ recovered: false });
    expect(pauses).toEqual([]);
  });

  it("is told when the topic begins a new epoch meanwhile", async () => {
    const { source, join, pass } = await setUp();
    const outcome = await join(1);
    source.forget(TOPIC);
    source.publish(TOPIC);
    await pass();
    expect(outcome.state).toMatchObject({ recovered: false, reason: "epoch_changed" });
  });

  it("is not waited for when it is gone", async () => {
    const { join, pass, wanted } = await setUp();
    const outcome = await join(1);
    wanted.is = false;
    await pass();
    expect(outcome).toEqual({ state: null, isOver: true });
  });
});

describe("topics that are joined one at a time", () => {
  const arrange = () => {
    const source = createControlledBroker();
    const feeds = createTopicFeeds({
      broker: source.broker,
      reads: createHistoryReads(source.broker, 8),
      startLimiter: new ConcurrencyLimiter(1),
      fanout: createFakeTransport(),
      observer: { delivered() {}, conflated() {}, gapFilled() {}, reset() {} },
      log: silentLogger,
      now: () => 0,
      signal: new AbortController().signal,
    });
    return { source, feeds };
  };

  it("let those that most clients want go first", async () => {
    const { source, feeds } = arrange();
    const [first, second, named] = ["token:a", "token:b", "market_data"].map((topic) => feeds.enter(topic));
    for (const feed of [first, second, named]) void feed?.start();
    source.answerOne();
    await first?.start();
    await new Promise(setImmediate);
    expect([second?.isQueued, named?.isQueued]).toEqual([true, false]);
  });

  it.each([
    { what: "because their turn does not come", topics: ["token:a", "token:b"], error: BusyError },
    { what: "because the broker is silent", topics: ["token:a"], error: BrokerUnavailableError },
  ])("say when it takes too long, $what", async ({ topics, error }) => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { feeds } = arrange();
    const outcomes = topics.map((topic) =>
      whenPrepared(
        [{ feed: feeds.enter(topic) }],
        () => true,
        () => {},
      ).catch((failure: unknown) => failure),
    );
    await vi.advanceTimersByTimeAsync(10_000);
    expect((await Promise.all(outcomes)).at(-1)).toBeInstanceOf(error);
  });
});
