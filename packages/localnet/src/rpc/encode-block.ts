import type { Block, LedgerTransaction } from "../ledger/block.ts";
import {
  encodeAccountsOnly,
  encodeTransaction,
  type TransactionEncoding,
  versionField,
} from "./encode-transaction.ts";

export interface BlockOptions {
  readonly encoding: TransactionEncoding;
  readonly transactionDetails: "full" | "accounts" | "signatures" | "none";
  readonly rewards: boolean;
  readonly maxSupportedTransactionVersion: number | null | undefined;
}

const encodeOne = ({ executed }: LedgerTransaction, options: BlockOptions): unknown => {
  const version = versionField(executed, options.maxSupportedTransactionVersion);
  if (options.transactionDetails === "accounts") return { ...encodeAccountsOnly(executed), ...version };
  const { meta } = executed;
  return {
    transaction: encodeTransaction(executed, options.encoding),
    meta: options.rewards || meta.rewards === undefined ? meta : { ...meta, rewards: null },
    ...version,
  };
};

/**
 * A block as `getBlock` and `blockSubscribe` show it.
 * @throws {RpcError} -32015 when the client cannot read one of its transactions: then it gets none.
 */
export const encodeBlock = (block: Block, options: BlockOptions): Record<string, unknown> => {
  const { blockhash, previousBlockhash, parentSlot, blockTime, blockHeight, transactions } = block;
  const details = options.transactionDetails;
  return {
    previousBlockhash,
    blockhash,
    parentSlot,
    ...(details === "full" || details === "accounts"
      ? { transactions: transactions.map((transaction) => encodeOne(transaction, options)) }
      : {}),
    ...(details === "signatures"
      ? { signatures: transactions.map(({ executed }) => executed.signature) }
      : {}),
    ...(options.rewards ? { rewards: [] } : {}),
    blockTime,
    blockHeight,
  };
};
