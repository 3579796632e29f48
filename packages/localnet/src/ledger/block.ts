import type { ExecutedTransaction, TransactionMeta } from "./transaction.ts";

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

/** Addresses from lookup tables; recorders of older transactions wrote an empty object, or nothing. */
export const loadedAddressesOf = ({
  meta,
}: ExecutedTransaction): { readonly writable: readonly string[]; readonly readonly: readonly string[] } => {
  const loaded: Partial<NonNullable<TransactionMeta["loadedAddresses"]>> = meta.loadedAddresses ?? {};
  return { writable: loaded.writable ?? [], readonly: loaded.readonly ?? [] };
};

/** All accounts that a transaction names, those loaded from lookup tables included. */
export const accountKeysOf = (executed: ExecutedTransaction): readonly string[] => {
  const { writable, readonly } = loadedAddressesOf(executed);
  return [...executed.transaction.message.accountKeys, ...writable, ...readonly];
};
