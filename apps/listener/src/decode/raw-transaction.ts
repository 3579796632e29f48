import type { TransactionError } from "./decoded-transaction.ts";

/** An instruction as it was sent: nothing of it is interpreted yet. Every index is inside `accounts`. */
export interface RawInstruction {
  readonly programIndex: number;
  readonly accounts: ArrayLike<number>;
  /** Base58, or the bytes when the transaction came in wire format. */
  readonly data: string | Uint8Array;
  /** Height of the call stack: 1 for the transaction's own instructions; null when the node did not report it. */
  readonly stackHeight: number | null;
}

/** The instructions that one of the transaction's own instructions called, in order of execution. */
export interface RawInnerInstructions {
  readonly index: number;
  readonly instructions: readonly RawInstruction[];
}

/** What a transaction says by itself, before it is executed. */
export interface RawMessage {
  readonly signature: string;
  readonly staticAccounts: readonly string[];
  readonly instructions: readonly RawInstruction[];
  /** Number of addresses that come from lookup tables. */
  readonly lookedUp: number;
}

export interface RawTokenBalance {
  readonly accountIndex: number;
  readonly mint: string;
  readonly owner: string | null;
  readonly decimals: number;
  /** Base units. */
  readonly amount: bigint;
}

/** A transaction and what its execution did, checked for shape and bounds, not yet interpreted. */
export interface RawTransaction {
  readonly signature: string;
  readonly slot: number;
  readonly blockTime: number | null;
  readonly accounts: readonly string[];
  readonly instructions: readonly RawInstruction[];
  readonly innerInstructions: readonly RawInnerInstructions[];
  readonly error: TransactionError | null;
  readonly fee: number;
  /** Lamports by account. */
  readonly preBalances: readonly number[];
  readonly postBalances: readonly number[];
  readonly preTokenBalances: readonly RawTokenBalance[];
  readonly postTokenBalances: readonly RawTokenBalance[];
}
