/** A transaction error as RPC nodes write it: a name, or an object that holds the failing instruction. */
export type TransactionError = string | { readonly [kind: string]: unknown };

/** One compiled instruction as encoding `json` shows it; `data` is base58. */
export interface CompiledInstruction {
  readonly programIdIndex: number;
  readonly accounts: readonly number[];
  readonly data: string;
  /** 1 for a top-level instruction (where real nodes write null or leave it out), 2 and more for inner ones. */
  readonly stackHeight?: number | null;
}

export interface InnerInstructions {
  /** Index of the top-level instruction that made these calls. */
  readonly index: number;
  readonly instructions: readonly CompiledInstruction[];
}

export interface TokenBalance {
  readonly accountIndex: number;
  readonly mint: string;
  readonly owner?: string;
  readonly programId?: string;
  readonly uiTokenAmount: {
    readonly amount: string;
    readonly decimals: number;
    readonly uiAmount: number | null;
    readonly uiAmountString: string;
  };
}

/** `meta` of a `getTransaction` result with encoding `json`; field names and nullability as agave writes them. */
export interface TransactionMeta {
  readonly err: TransactionError | null;
  readonly status: { readonly Ok: null } | { readonly Err: TransactionError };
  readonly fee: number;
  readonly preBalances: readonly number[];
  readonly postBalances: readonly number[];
  readonly preTokenBalances: readonly TokenBalance[] | null;
  readonly postTokenBalances: readonly TokenBalance[] | null;
  readonly innerInstructions: readonly InnerInstructions[] | null;
  readonly logMessages: readonly string[] | null;
  readonly rewards: readonly unknown[] | null;
  readonly loadedAddresses?: { readonly readonly: readonly string[]; readonly writable: readonly string[] };
  readonly returnData?: unknown;
  readonly computeUnitsConsumed?: number;
  readonly costUnits?: number;
}

/** `transaction` of a `getTransaction` result with encoding `json`. */
export interface JsonTransaction {
  readonly signatures: readonly string[];
  readonly message: {
    readonly accountKeys: readonly string[];
    readonly header: {
      readonly numRequiredSignatures: number;
      readonly numReadonlySignedAccounts: number;
      readonly numReadonlyUnsignedAccounts: number;
    };
    readonly recentBlockhash: string;
    readonly instructions: readonly CompiledInstruction[];
    readonly addressTableLookups?: readonly {
      readonly accountKey: string;
      readonly readonlyIndexes: readonly number[];
      readonly writableIndexes: readonly number[];
    }[];
  };
}

/**
 * A transaction after it ran, before it has a place in a block: everything that the ledger, the RPC methods and
 * the subscriptions need of it. Executed by an engine, or read from a recording.
 */
export interface ExecutedTransaction {
  readonly signature: string;
  readonly version: "legacy" | 0;
  readonly transaction: JsonTransaction;
  readonly meta: TransactionMeta;
  /** Accounts that it changed, with their state afterwards; null for an account that no longer exists. */
  readonly accounts: ReadonlyMap<string, AccountState | null>;
  /** The same accounts before it ran, so that older commitments can still be answered; recordings know neither. */
  readonly accountsBefore?: ReadonlyMap<string, AccountState | null>;
}

export interface AccountState {
  readonly lamports: bigint;
  readonly owner: string;
  readonly data: Uint8Array;
  readonly executable: boolean;
  readonly rentEpoch: bigint;
}
