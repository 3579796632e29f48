import type { Block } from "./block.ts";

/** What happens in the ledger, in the order in which a node with one fork goes through it. */
export type LedgerEvent =
  /** A transaction arrived; it is not in a block yet. */
  | { readonly type: "received"; readonly slot: number; readonly signature: string }
  /** Processing of a slot begins. */
  | { readonly type: "created"; readonly slot: number; readonly parent: number; readonly root: number }
  /** The slot's block is complete, and with that processed. */
  | { readonly type: "frozen"; readonly block: Block }
  | { readonly type: "confirmed"; readonly block: Block }
  | { readonly type: "finalized"; readonly block: Block };

export type LedgerListener = (event: LedgerEvent) => void;
