import { splitTopic } from "@commcoin/protocol";
import type { Retention } from "./broker.ts";

const TEN_MINUTES_MS = 600_000;

/** Chosen so that a client that was away for a coffee finds everything, and memory stays small. */
const DEFAULT_RETENTION: Retention = { maxMessages: 1_000, maxAgeMs: TEN_MINUTES_MS };

/** Retention by topic name; the argument of a topic does not matter. */
export type RetentionPolicy = (topic: string) => Retention;

const isPositive = (value: number): boolean => Number.isSafeInteger(value) && value > 0;

/**
 * Ten minutes for every topic; 1,000 messages, and 20,000 for `transactions`, which all traffic goes through.
 * @param overrides by topic name, such as `token`.
 */
export function createRetentionPolicy(
  overrides: Readonly<Record<string, Partial<Retention>>> = {},
): RetentionPolicy {
  const byName = new Map<string, Retention>([
    ["transactions", { ...DEFAULT_RETENTION, maxMessages: 20_000 }],
  ]);
  for (const [name, override] of Object.entries(overrides)) {
    const retention = { ...(byName.get(name) ?? DEFAULT_RETENTION), ...override };
    if (!isPositive(retention.maxMessages) || !isPositive(retention.maxAgeMs)) {
      throw new RangeError(
        `The retention of ${name} must be whole numbers above 0, not ${JSON.stringify(override)}.`,
      );
    }
    byName.set(name, retention);
  }
  return (topic) => byName.get(splitTopic(topic).name) ?? DEFAULT_RETENTION;
}
