import { randomBytes } from "node:crypto";
import { eventually } from "@commcoin/tsconfig/eventually";
import { expect } from "vitest";
import type { Broker, Delivery, OutgoingMessage } from "../broker.ts";
import { createRetentionPolicy } from "../retention.ts";

/** Services that share messages, as the suite sees them. */
export interface BrokerBus {
  /** Another participant, started. */
  connect(): Promise<Broker>;
  /** Lets time pass, where time can be held in the hand; the suite waits otherwise. */
  advance?(ms: number): void;
  /** Unix milliseconds of that time; those of the system otherwise. */
  now?(): number;
  /** Closes every participant. */
  close(): Promise<void>;
}

export type MakeBrokers = () => Promise<BrokerBus>;

export const FEW_MESSAGES = 5;
export const BRIEF_MS = 400;

/** What the brokers under test must be created with: short enough to see messages being trimmed. */
export const conformanceRetention = createRetentionPolicy({
  few: { maxMessages: FEW_MESSAGES },
  brief: { maxAgeMs: BRIEF_MS },
});

/** A topic that no other test uses. */
export const freshTopic = (name = "program"): string => `${name}:${randomBytes(6).toString("hex")}`;

export const activity = (topic: string, id: string, data: unknown = {}): OutgoingMessage => ({
  topic,
  id,
  type: "UserActivity",
  ts: 1_700_000_000_000,
  data,
});

export const activities = (topic: string, count: number, prefix = "event"): readonly OutgoingMessage[] =>
  Array.from({ length: count }, (_, index) => activity(topic, `${prefix}-${index + 1}`));

export const textOf = ({ frame }: Delivery): string => Buffer.from(frame).toString();

export const idOf = (delivery: Delivery): string => (JSON.parse(textOf(delivery)) as { id: string }).id;

export const offsetsOf = (deliveries: readonly { readonly offset: number }[]): readonly number[] =>
  deliveries.map(({ offset }) => offset);

/** 1, 2, 3 … or `from`, `from + 1` … up to `to`. */
export const countTo = (to: number, from = 1): readonly number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);

/** Subscribes and keeps what is delivered. */
export async function follow(broker: Broker, topic: string) {
  const deliveries: Delivery[] = [];
  const subscription = await broker.subscribe(topic, (delivery) => deliveries.push(delivery));
  return { ...subscription, deliveries };
}

/** Waits until an assertion holds that needs time to pass. */
export async function after(bus: BrokerBus, ms: number, assertion: () => Promise<void>): Promise<void> {
  if (bus.advance === undefined) return eventually(assertion, ms + 20_000);
  bus.advance(ms);
  await assertion();
}

/** Publishes one more message and waits until it arrived: whatever came before it has arrived as well. */
export async function flush(
  broker: Broker,
  topic: string,
  followers: readonly { readonly deliveries: readonly Delivery[] }[],
): Promise<void> {
  const id = `flush-${randomBytes(6).toString("hex")}`;
  await broker.publish([activity(topic, id)]);
  await eventually(() => {
    for (const { deliveries } of followers) {
      const last = deliveries.at(-1);
      expect(last === undefined ? undefined : idOf(last)).toBe(id);
    }
  });
}
