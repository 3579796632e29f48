import { z } from "zod";
import type { DecodedTransaction } from "../decode/decoded-transaction.ts";
import type { Landing } from "../events/event-id.ts";

/** Transactions that were published as dropped. What lands of them later has ids of its own. */
export interface Dropped {
  /** Which landing of a transaction this is: whoever publishes it and knows of the same drops says the same. */
  landingOf(transaction: Pick<DecodedTransaction, "signature" | "slot">): Landing;
  /** All of them and one more, to be kept before any of it is published. */
  with(signature: string, now: number): Dropped;
  readonly text: string;
}

/** Longer than any broker remembers ids, and by far longer than a transaction can land again without a durable nonce. */
const KEPT_MS = 24 * 3_600_000;
/** Forks are short: one that loses confirmed blocks loses some hundreds of transactions. The oldest are forgotten. */
const CAPACITY = 5_000;

const entries = z.array(z.tuple([z.string().max(128), z.number()])).max(CAPACITY);

function createDropped(times: ReadonlyMap<string, number>): Dropped {
  return {
    landingOf: ({ signature, slot }) => (times.has(signature) ? slot : null),
    with(signature, now) {
      const kept = [...times].filter(([known, at]) => known !== signature && now - at < KEPT_MS);
      return createDropped(new Map([...kept.slice(1 - CAPACITY), [signature, now]]));
    },
    get text() {
      return JSON.stringify([...times]);
    },
  };
}

/** @param text what an earlier publisher kept; none of them where it is undefined or no such list. */
export function readDropped(text: string | undefined): Dropped {
  try {
    return createDropped(new Map(entries.parse(JSON.parse(text ?? "[]"))));
  } catch {
    return createDropped(new Map());
  }
}
