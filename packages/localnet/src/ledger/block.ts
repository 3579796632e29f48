import type { ExecutedTransaction } from "./transaction.ts";

export type Commitment = "processed" | "confirmed" | "finalized";

/** A transaction with its place in the ledger. */
export interface LedgerTransaction {
  readonly executed: ExecutedTransaction;
  readonly slot: number;
  /** Place in its block, from 0. */
  readonly index: number;
}

export interface Block {
  readonly slot: number;
  readonly parentSlot: number;
  readonly blockhash: string;
  readonly previousBlockhash: string;
  /** Unix seconds. */
  readonly blockTime: number;
  /** Number of blocks below this one; not the slot, since slots can be skipped. */
  readonly blockHeight: number;
  readonly transactions: readonly LedgerTransaction[];
}

/** All accounts that a transaction names, those loaded from lookup tables included. */
export const accountKeysOf = ({ transaction, meta }: ExecutedTransaction): readonly string[] => {
  const { accountKeys } = transaction.message;
  const loaded = meta.loadedAddresses;
  return loaded ? [...accountKeys, ...loaded.writable, ...loaded.readonly] : accountKeys;
};
