import type { Block, LedgerTransaction } from "./block.ts";

/** What happens in the ledger, in the order in which a node goes through it. */
export type LedgerEvent =
  /** A transaction arrived; it is not in a block yet. */
  | { readonly type: "received"; readonly transaction: LedgerTransaction }
  /** Processing of a slot begins. */
  | { readonly type: "created"; readonly slot: number; readonly parent: number; readonly root: number }
  /** The slot's block is complete, and with that processed. */
  | { readonly type: "frozen"; readonly block: Block }
  | { readonly type: "confirmed"; readonly block: Block }
  /** `isRoot` is false for a block that becomes final together with a later one, which is the new root. */
  | { readonly type: "finalized"; readonly block: Block; readonly isRoot: boolean }
  /** The chain goes on from `base` on another fork: later blocks are gone, and what the open slot held. */
  | {
      readonly type: "forked";
      readonly base: Block;
      /** Oldest first. */
      readonly lost: readonly Block[];
      readonly unfinished: readonly LedgerTransaction[];
    };

export type LedgerListener = (event: LedgerEvent) => void;
