import type { DecodedInstruction, TransactionUpdate } from "@commcoin/protocol";

/** Why the chain refused a transaction, as the node says it; any JSON value. */
export type TransactionError = NonNullable<TransactionUpdate["error"]>;

/**
 * What one transaction did. Addresses and signatures are base58; amounts as `bigint` count the smallest unit
 * (lamports, base units of a token).
 */
export interface DecodedTransaction {
  readonly signature: string;
  readonly slot: number;
  /** Unix seconds; null when the node does not know it. */
  readonly blockTime: number | null;
  readonly feePayer: string;
  readonly feeLamports: bigint;
  /** Null when the transaction succeeded. */
  readonly error: TransactionError | null;
  /** Every account of the transaction, those of lookup tables behind the static ones. */
  readonly accounts: readonly string[];
  /** Every program that was invoked, directly or by another program, each once, in order of first invocation. */
  readonly programs: readonly string[];
  /**
   * The instructions of the programs in `LISTED_PROGRAMS` and of the CommCoin program, in execution order: an
   * inner instruction stands behind the one that called it. An instruction's place in this list is part of event
   * ids, so what is listed is a contract: see `LISTED_PROGRAMS`.
   */
  readonly instructions: readonly DecodedInstruction[];
  readonly summary: TransactionSummary;
  /** Coins that came into being; none when the transaction failed. */
  readonly creates: readonly CoinCreation[];
  /** Trades on bonding curves, in execution order; none when the transaction failed. */
  readonly trades: readonly CoinTrade[];
  /** Mints that a listed instruction names or whose balances changed, each once. */
  readonly mints: readonly string[];
  /** How token balances changed, as the node reports it; accounts without a change are left out. */
  readonly tokenChanges: readonly TokenChange[];
  /** Names that were written on chain by this transaction; none when it failed. */
  readonly metadata: readonly TokenMetadata[];
}

/**
 * What the transaction was about: its first CommCoin instruction, else its first token instruction. With neither,
 * `kind` is `unknown` and `program_id` the program of the first instruction.
 */
export interface TransactionSummary {
  readonly kind: string;
  readonly program_id: string;
  readonly token_id?: string;
  /** Whole tokens, decimal. */
  readonly token_amount?: string;
  /** SOL, decimal. */
  readonly sol_amount?: string;
}

/** As a person sees it; null where that is nothing. */
export interface TokenMetadata {
  readonly mint: string;
  readonly name: string | null;
  readonly symbol: string | null;
  readonly uri: string | null;
}

export interface CoinCreation {
  /** Place of its `create_coin` in `instructions`. */
  readonly n: number;
  readonly mint: string;
  readonly creator: string;
  readonly bondingCurve: string;
  readonly decimals: number;
  /** Base units. */
  readonly supply: bigint;
  /** SOL per token, decimal: what the curve's virtual reserves say before any trade. */
  readonly initialPrice: string;
  /** Name and symbol, when the same transaction wrote them. */
  readonly metadata: TokenMetadata | null;
}

export interface CoinTrade {
  /** Place of its `buy` or `sell` in `instructions`. */
  readonly n: number;
  readonly side: "buy" | "sell";
  readonly mint: string;
  readonly user: string;
  readonly bondingCurve: string;
  /** Base units that moved. */
  readonly tokenAmount: bigint;
  /** Lamports that moved. */
  readonly solLamports: bigint;
  /** SOL per token, decimal, 18 significant digits; null when no token moved. */
  readonly price: string | null;
  /** Whether the balances, the token transfer and the instruction's argument tell the same token amount. */
  readonly consistent: boolean;
}

export interface TokenChange {
  /** The token account. */
  readonly account: string;
  /** Its owner; null in old transactions, whose nodes did not report it. */
  readonly owner: string | null;
  readonly mint: string;
  readonly decimals: number;
  /** Base units, never 0. */
  readonly change: bigint;
}
