import { createRedisBroker, type Broker } from "@commcoin/broker";
import {
  createThrottledLog,
  createLeadership,
  createListenerMetrics,
  createPublisher,
  type OutgoingMessage,
  type Term,
} from "@commcoin/listener/parts";
import { sleep } from "@commcoin/service/lifecycle";
import { createMetricsRegistry, silentLogger } from "@commcoin/service/telemetry";
import { createRecord, type PublishedRecord } from "./record.ts";

/** Three topics and their part of the traffic: as in production, most of it is transactions. */
export const TOPIC_SHARES: ReadonlyMap<string, number> = new Map([
  ["transactions", 0.75],
  ["token_updates", 0.15],
  ["market_data", 0.1],
]);
/** For clients that are to be too slow: large messages, which only they subscribe to. */
export const HEAVY_TOPIC = "notifications";
const HEAVY_MESSAGE_CHARS = 16_384;

/** Messages leave in small groups, as those of a slot's transactions do. */
const TICK_MS = 25;
const LEASE_MS = 3_000;

const idOf = (number: number): string => `message-${number}`;
export const numberOf = (id: string): number => Number(id.slice(id.lastIndexOf("-") + 1));

const encode = (topic: string, number: number, text: string): OutgoingMessage => ({
  topic,
  id: idOf(number),
  type: "TokenPriceUpdate",
  data: {
    token_id: text,
    price: "0.000000034",
    change_24h: null,
    signature: "",
    slot: number,
    block_time: null,
  },
});

interface Waiting {
  readonly topic: string;
  readonly number: number;
  readonly message: OutgoingMessage;
}

/**
 * Publishes as the listener does, with the listener's own parts: under a lease and its fencing number, in order, one batch at
 * a time, the same ids again until they are acknowledged.
 */
export interface Load {
  /** Connects and takes the lease. */
  start(): Promise<void>;
  /** Messages per second in all, from now on. */
  rate(perSecond: number): void;
  /** Adds messages at once. */
  burst(topic: string, count: number): void;
  heavy(count: number): void;
  /** Number of the newest message of each topic that exists by now, acknowledged or not. */
  newest(): ReadonlyMap<string, number>;
  readonly published: number;
  readonly record: PublishedRecord;
  /** Resolves when all that exists is acknowledged. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

/** Opens once. */
function createGate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

export function createLoad({ url, random }: { readonly url: string; readonly random: () => number }): Load {
  const broker = createRedisBroker({ url, logger: silentLogger });
  const record = createRecord();
  const metrics = createListenerMetrics(createMetricsRegistry("listener"));
  const stopped = new AbortController();
  const newest = new Map<string, number>();
  /** Not acknowledged yet, in order. */
  let waiting: Waiting[] = [];
  let published = 0;
  let perSecond = 0;
  let owed = 0;
  let lastTickAt = 0;
  let push: ((message: Waiting) => void) | null = null;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  const leads = createGate();

  const recording: Pick<Broker, "publish" | "watch"> = {
    watch: (listener) => broker.watch(listener),
    async publish(messages, options) {
      const positions = await broker.publish(messages, options);
      for (const [index, { topic, id }] of messages.entries()) {
        const position = positions[index];
        if (position !== undefined) record.note(topic, numberOf(id), position);
      }
      return positions;
    },
  };
  const lead = async (term: Term): Promise<void> => {
    const publisher = createPublisher({ broker: recording, term, log: silentLogger, metrics });
    const offer = (item: Waiting): void => {
      const acknowledged = (): void => {
        waiting = waiting.filter((each) => each !== item);
      };
      void publisher.push({ messages: [item.message], acknowledged }, term.ended);
    };
    // What was acknowledged to an earlier term is not here any more; all the rest is repeated in its order.
    for (const item of waiting) offer(item);
    push = offer;
    leads.open();
    await publisher.run(term.ended);
    push = null;
  };
  const leadership = createLeadership({
    leases: broker.leases,
    name: "listener",
    holder: "load",
    ttlMs: LEASE_MS,
    lead,
    throttledLog: createThrottledLog(silentLogger),
  });
  const add = (topic: string, text: string): void => {
    const number = (newest.get(topic) ?? -1) + 1;
    newest.set(topic, number);
    published += 1;
    const item = { topic, number, message: encode(topic, number, text) };
    waiting.push(item);
    push?.(item);
  };
  const chooseTopic = (): string => {
    let rest = random();
    for (const [topic, share] of TOPIC_SHARES) {
      if (rest < share) return topic;
      rest -= share;
    }
    return "transactions";
  };
  const tick = (): void => {
    const now = performance.now();
    owed += ((now - lastTickAt) / 1_000) * perSecond;
    lastTickAt = now;
    for (; owed >= 1; owed -= 1) add(chooseTopic(), "a-token");
  };

  return {
    record,
    async start() {
      await broker.start();
      running = leadership.run(stopped.signal);
      await leads.opened;
    },
    rate(messagesPerSecond) {
      clearInterval(timer);
      perSecond = messagesPerSecond;
      owed = 0;
      lastTickAt = performance.now();
      if (perSecond > 0) timer = setInterval(tick, TICK_MS);
    },
    burst(topic, count) {
      for (let n = 0; n < count; n += 1) add(topic, "a-token");
    },
    heavy(count) {
      for (let n = 0; n < count; n += 1) add(HEAVY_TOPIC, "x".repeat(HEAVY_MESSAGE_CHARS));
    },
    newest: () => new Map(newest),
    get published() {
      return published;
    },
    async settled() {
      while (waiting.length > 0) await sleep(20);
    },
    async stop() {
      clearInterval(timer);
      stopped.abort();
      await running;
      await broker.close();
    },
  };
}
