import type { AccountState, ExecutedTransaction } from "../ledger/transaction.ts";

/** The slot whose transactions run next. */
export interface EngineSlot {
  readonly slot: number;
  /** Unix seconds that programs read from the clock. */
  readonly unixTimestamp: number;
  /** The block that was just completed: its blockhash is valid for transactions from now on. */
  readonly parent: { readonly slot: number; readonly blockhash: string };
}

/**
 * Executes transactions against one state of all accounts. Synchronous: a transaction that ran is in that state
 * before the next one starts.
 */
export interface Engine {
  /**
   * Verifies and executes a signed transaction.
   * @throws {TransactionRejected} when it would not reach a block (bad signature, unknown blockhash, fee payer
   * without funds, already processed). A transaction that fails on chain is not rejected: it has `meta.err`.
   */
  execute: (wire: Uint8Array) => ExecutedTransaction;
  /**
   * What `execute` would return, without changing anything.
   * @throws {TransactionRejected} as `execute` does, apart from the checks that are switched off.
   */
  simulate: (wire: Uint8Array, checks?: SimulationChecks) => ExecutedTransaction;
  account: (address: string) => AccountState | null;
  /** All accounts that a program owns. */
  accountsOwnedBy: (programId: string) => ReadonlyMap<string, AccountState>;
  /** Writes an account without a transaction, for fixtures that no transaction can make; null removes it. */
  setAccount: (address: string, state: AccountState | null) => void;
  latestBlockhash: () => string;
  isBlockhashValid: (blockhash: string) => boolean;
  /** Lamports that keep an account with `bytes` of data alive. */
  rentExemptLamports: (bytes: number) => bigint;
  /** Credits lamports out of nothing and returns the transaction that did it, signed by the faucet. */
  airdrop: (address: string, lamports: bigint) => ExecutedTransaction;
  beginSlot: (next: EngineSlot) => void;
  /** Undoes slots that a fork lost; `beginSlot` must follow. */
  rollback: (lost: LostSlots) => void;
}

/** What the engine has to undo when a fork is lost. */
export interface LostSlots {
  /** Slot of the block with which the chain goes on. */
  readonly base: number;
  readonly blockhashes: readonly string[];
  readonly transactions: readonly ExecutedTransaction[];
  /** Accounts that the lost slots changed, with their state before. */
  readonly accounts: ReadonlyMap<string, AccountState | null>;
}

export interface SimulationChecks {
  /** Default true. */
  readonly signatures?: boolean;
  /** Default true. */
  readonly blockhash?: boolean;
}

/** A transaction that is refused before it runs; `error` is what `sendTransaction` reports. */
export class TransactionRejected extends Error {
  readonly error: ExecutedTransaction["meta"]["err"];

  constructor(message: string, error: ExecutedTransaction["meta"]["err"]) {
    super(message);
    this.name = "TransactionRejected";
    this.error = error;
  }
}
