import type { TransactionFacts } from "./chain-facts.ts";
import type { Recorded } from "./recording.ts";

interface Place {
  readonly slot: number;
  readonly index: number;
  readonly n: number;
}

/** What was told of a market after a fork took something out of it: it comes when that is known. */
const isCorrection = /:dropped(:\d+)?$/;

/** Where the chain holds what a message is about; null when a fork makes that ambiguous. */
function placeOf({ id, type }: Recorded, facts: ReadonlyMap<string, TransactionFacts>): Place | null {
  const [signature = "", n] = id.split(":");
  const landings = facts.get(signature)?.landings ?? [];
  const [landing] = landings;
  if (landing === undefined || landings.length > 1) return null;
  // The update of a transaction stands behind what its instructions did.
  return { slot: landing.slot, index: landing.index, n: type === "TransactionUpdate" ? Infinity : Number(n) };
}

const isBefore = (a: Place, b: Place): boolean =>
  a.slot !== b.slot ? a.slot < b.slot : a.index !== b.index ? a.index < b.index : a.n < b.n;

const text = ({ slot, index, n }: Place): string => `${slot}/${index}/${n}`;

/**
 * Live events of a topic that stand behind one which happened after them. What was found late says so by its origin, and
 * may stand anywhere; the ends of transactions have an order of their own.
 */
export function findDisorder(
  topic: string,
  messages: readonly Recorded[],
  facts: ReadonlyMap<string, TransactionFacts>,
  transactions: readonly Recorded[],
): readonly string[] {
  const live = new Set<string>();
  for (const { data } of transactions) {
    if (data.origin === "live" && data.status !== "finalized") live.add(String(data.transaction_id));
  }
  const disorder: string[] = [];
  const newest: Record<"first" | "final", Place | null> = { first: null, final: null };
  for (const message of messages) {
    const { id, data } = message;
    if (isCorrection.test(id) || data.error === "dropped") continue;
    if (data.origin === undefined ? !live.has(id.split(":")[0] ?? "") : data.origin !== "live") continue;
    const place = placeOf(message, facts);
    if (place === null) continue;
    const sequence = data.status === "finalized" ? "final" : "first";
    const before = newest[sequence];
    if (before !== null && isBefore(place, before)) {
      disorder.push(`${topic} at ${message.offset}: ${text(place)} after ${text(before)} (${id})`);
    } else newest[sequence] = place;
  }
  return disorder;
}
