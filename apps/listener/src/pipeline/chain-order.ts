import type { SignatureNotification } from "../sources/source.ts";

type Origin = SignatureNotification["origin"];

/** Knows how far publication has come on the chain, and with that what comes too late to stand in its order. */
export interface ChainOrder {
  /**
   * Says where a transaction that is published now was found: one that stands before another which was published already
   * is not `live` any more, whatever brought it.
   * @param index place in the block; null when no node says it.
   */
  publish(transaction: { readonly slot: number; readonly index: number | null }, origin: Origin): Origin;
}

/** @param publishedSlot the newest slot of which an earlier publisher published anything; -1 when there is none. */
export function createChainOrder(publishedSlot: number): ChainOrder {
  let newest = { slot: publishedSlot + 1, index: 0 };
  return {
    publish({ slot, index }, origin) {
      const from = slot === newest.slot ? newest.index : 0;
      const place = index ?? from;
      if (slot < newest.slot || place < from) return origin === "live" ? "backfill" : origin;
      newest = { slot, index: place };
      return origin;
    },
  };
}
