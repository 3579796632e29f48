import type { CoinTrade, DecodedTransaction } from "../decode/decoded-transaction.ts";
import { instructionOf } from "../events/event-id.ts";
import type { Operation } from "./coin-market.ts";

/** A coin, and the place of the instruction that created or traded it. */
type Traded = Pick<CoinTrade, "mint" | "n">;

/** A transaction, as far as markets count it. */
export interface CountedTransaction extends Pick<DecodedTransaction, "signature" | "slot" | "blockTime"> {
  readonly creates: readonly Traded[];
  readonly trades: readonly Traded[];
}

/** The transactions behind what was done to coins; where a fork moved one for some coins only, in its latest slot. */
export function countedTransactions(
  operations: Iterable<readonly [mint: string, operation: Operation]>,
): readonly CountedTransaction[] {
  const found = new Map<string, CountedTransaction>();
  for (const [mint, { signature, id, slot, trade }] of operations) {
    const known = found.get(signature) ?? { signature, slot, blockTime: null, creates: [], trades: [] };
    const place = { n: instructionOf(id), mint };
    found.set(signature, {
      signature,
      slot: Math.max(known.slot, slot),
      blockTime: trade?.time ?? known.blockTime,
      creates: trade === null ? [...known.creates, place] : known.creates,
      trades: trade === null ? known.trades : [...known.trades, place],
    });
  }
  return [...found.values()];
}
