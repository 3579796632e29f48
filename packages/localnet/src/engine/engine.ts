import type { AccountState, ExecutedTransaction } from "../ledger/transaction.ts";

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
  execute(wire: Uint8Array): ExecutedTransaction;
  account(address: string): AccountState | null;
  latestBlockhash(): string;
  /** Credits lamports out of nothing and returns the transaction that did it, signed by the faucet. */
  airdrop(address: string, lamports: bigint): ExecutedTransaction;
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
