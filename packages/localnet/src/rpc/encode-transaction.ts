import type { z } from "zod";
import { accountKeysOf } from "../ledger/block.ts";
import type { ExecutedTransaction } from "../ledger/transaction.ts";
import { toBase58 } from "../wire/base58.ts";
import { encodeTransaction as encodeWire } from "../wire/transaction.ts";
import { accountRoles } from "./account-roles.ts";
import { jsonParsedUnsupported, unsupportedVersion } from "./errors.ts";
import type { transactionEncoding } from "./params.ts";

export type TransactionEncoding = z.output<typeof transactionEncoding>;

/**
 * The version as an answer names it: not at all for clients that name no maximum.
 * @throws {RpcError} -32015 when the client cannot read it.
 */
export const versionField = (
  { version }: ExecutedTransaction,
  maxSupported: number | null | undefined,
): { version?: "legacy" | number } => {
  if (typeof maxSupported === "number") {
    if (version !== "legacy" && version > maxSupported) throw unsupportedVersion(version);
    return { version };
  }
  if (version !== "legacy") throw unsupportedVersion(version);
  return {};
};

/** `transaction` of an answer. */
export const encodeTransaction = (executed: ExecutedTransaction, encoding: TransactionEncoding): unknown => {
  const { transaction, version } = executed;
  switch (encoding) {
    case "json":
      return transaction;
    case "base64":
      return [Buffer.from(encodeWire(transaction, version)).toString("base64"), "base64"];
    case "base58":
      return [toBase58(encodeWire(transaction, version)), "base58"];
    case "binary":
      return toBase58(encodeWire(transaction, version));
    case "jsonParsed":
      throw jsonParsedUnsupported("transactions");
    default:
      return encoding satisfies never;
  }
};

/** A transaction of `transactionDetails: "accounts"`, with the part of its meta that belongs to accounts. */
export const encodeAccountsOnly = (
  executed: ExecutedTransaction,
): { transaction: unknown; meta: unknown } => {
  const { transaction, meta } = executed;
  const { err, status, fee, preBalances, postBalances, preTokenBalances, postTokenBalances } = meta;
  const roles = accountRoles(executed);
  return {
    transaction: {
      signatures: transaction.signatures,
      accountKeys: accountKeysOf(executed).map((pubkey, index) => ({
        pubkey,
        writable: roles.isWritable(index),
        signer: roles.isSigner(index),
        source: index < transaction.message.accountKeys.length ? "transaction" : "lookupTable",
      })),
    },
    meta: { err, status, fee, preBalances, postBalances, preTokenBalances, postTokenBalances },
  };
};
