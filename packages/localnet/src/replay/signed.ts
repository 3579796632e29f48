import type { JsonTransaction } from "../ledger/transaction.ts";
import { addressBytes, fromBase58 } from "../wire/base58.ts";
import { verifySignature } from "../wire/ed25519.ts";
import { encodeMessage, type TransactionVersion } from "../wire/transaction.ts";

/** Whether the fee payer signed exactly these bytes. */
export const isSigned = (transaction: JsonTransaction, version: TransactionVersion): boolean => {
  const [signature] = transaction.signatures;
  const [payer] = transaction.message.accountKeys;
  return (
    signature !== undefined &&
    payer !== undefined &&
    verifySignature(addressBytes(payer), fromBase58(signature), encodeMessage(transaction.message, version))
  );
};
