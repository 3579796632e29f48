import { systemClock, type Clock } from "@commcoin/service/lifecycle";
import {
  BrokerUnavailableError,
  FencedError,
  type Broker,
  type Delivery,
  type Published,
} from "../broker.ts";
import { checkFence, checkHistoryQuery, checkTopic, encodeMessages } from "../encode-message.ts";
import { createRetentionPolicy, type RetentionPolicy } from "../retention.ts";
import { createSubscriber, type Subscriber } from "../subscriber.ts";
import { createMemoryControl } from "./memory-control.ts";
import { createMemoryDemand } from "./memory-demand.ts";
import { createMemoryLeases } from "./memory-leases.ts";
import { createMemoryRegistry } from "./memory-registry.ts";
import { createMemoryUserPresence } from "./memory-user-presence.ts";
import { createMemoryStates } from "./memory-states.ts";
import { createTopicLog, type TopicLog } from "./topic-log.ts";

/** A topic that nobody used for so long is forgotten: its messages are gone, and hardly anybody knows its epoch. */
const FORGET_TOPIC_AFTER_MS = 86_400_000;
/** Topics that were asked for but never published to are forgotten earlier: clients may ask for any number of them. */
const FORGET_EMPTY_TOPIC_AFTER_MS = 3_600_000;
const SWEEP_INTERVAL_MS = 60_000;

export interface MemoryBrokerOptions {
  readonly retention?: RetentionPolicy;
  readonly clock?: Clock;
}

interface Topic {
  readonly log: TopicLog;
  readonly subscribers: Set<Subscriber>;
  usedAt: number;
}

/**
 * A broker inside one process, for services that run together without Redis: they share this object. What it holds
 * ends with the process.
 */
export function createMemoryBroker({
  retention = createRetentionPolicy(),
  clock = systemClock,
}: MemoryBrokerOptions = {}): Broker {
  const topics = new Map<string, Topic>();
  let sweptAt = clock.monotonic();
  let closed = false;

  const sweep = (now: number): void => {
    if (now - sweptAt < SWEEP_INTERVAL_MS) return;
    sweptAt = now;
    for (const [name, { log, subscribers, usedAt }] of topics) {
      const limit = log.position().offset === 0 ? FORGET_EMPTY_TOPIC_AFTER_MS : FORGET_TOPIC_AFTER_MS;
      if (subscribers.size === 0 && now - usedAt > limit) topics.delete(name);
    }
  };
  const open = (name: string): Topic => {
    if (closed) throw new BrokerUnavailableError("The broker was closed.");
    const now = clock.monotonic();
    sweep(now);
    const topic = topics.get(name) ?? {
      log: createTopicLog(name, retention(name)),
      subscribers: new Set(),
      usedAt: now,
    };
    topic.usedAt = now;
    topics.set(name, topic);
    return topic;
  };

  const undelivered: { readonly topic: Topic; readonly delivery: Delivery }[] = [];
  let delivering = false;
  /** A subscriber may publish from within its delivery: that waits for its turn, so that all see one order. */
  const deliver = (): void => {
    if (delivering) return;
    delivering = true;
    for (const { topic, delivery } of undelivered) {
      for (const subscriber of topic.subscribers) {
        try {
          subscriber.offer(delivery);
        } catch (error) {
          // A bug of the subscriber's, for the process to report; the others get their message all the same.
          queueMicrotask(() => {
            throw error;
          });
        }
      }
    }
    undelivered.length = 0;
    delivering = false;
  };

  return {
    control: createMemoryControl(),
    registry: createMemoryRegistry(clock),
    leases: createMemoryLeases(clock),
    users: createMemoryUserPresence(clock),
    demand: createMemoryDemand(clock),
    states: createMemoryStates(),
    start: () => Promise.resolve(),

    async publish(messages, { fence } = {}) {
      checkFence(fence);
      let fenced: FencedError | null = null;
      const published: Published[] = [];
      for (const message of encodeMessages(messages, clock.now())) {
        const topic = open(message.topic);
        try {
          const appended = topic.log.append(message, fence, clock.monotonic());
          published.push(appended.published);
          if (appended.delivery !== null) undelivered.push({ topic, delivery: appended.delivery });
        } catch (error) {
          if (!(error instanceof FencedError)) throw error;
          fenced ??= error;
        }
      }
      deliver();
      if (fenced !== null) throw fenced;
      return published;
    },

    async subscribe(name, onDelivery) {
      checkTopic(name);
      const topic = open(name);
      const subscriber = createSubscriber(onDelivery);
      topic.subscribers.add(subscriber);
      const position = topic.log.position();
      subscriber.begin(position);
      return {
        position,
        unsubscribe() {
          subscriber.stop();
          topic.subscribers.delete(subscriber);
          topic.usedAt = clock.monotonic();
        },
      };
    },

    async history(name, query = {}) {
      checkTopic(name);
      checkHistoryQuery(query);
      return open(name).log.history(query, clock.monotonic());
    },

    async positions(names) {
      for (const name of names) checkTopic(name);
      return names.map((name) => open(name).log.position());
    },

    refusal: () => null,
    problem: () => (closed ? "The broker was closed." : null),
    watch: () => () => {},

    close() {
      closed = true;
      for (const { subscribers } of topics.values()) {
        for (const subscriber of subscribers) subscriber.stop();
      }
      topics.clear();
      return Promise.resolve();
    },
  };
}
