import type { DecodedTransaction, TransactionError } from "./decoded-transaction.ts";
import { isObject, readAddress, readArray, readCount, readObject, readSignature } from "./json-shape.ts";

/** More accounts than any transaction can have: an index is one byte. */
const MAX_ACCOUNTS = 256;
const MAX_SIGNATURES = 64;

/**
 * What can be said of a transaction that the decoder cannot read: who sent it, when, and whether it failed. Its kind is
 * `unknown` and it has no instructions.
 * @throws DecodeError when not even that can be read.
 */
export function readEnvelope(json: unknown): DecodedTransaction {
  const result = readObject(json, "The transaction result");
  const transaction = readObject(result["transaction"], "transaction");
  const message = readObject(transaction["message"], "transaction.message");
  const meta = readObject(result["meta"], "meta");
  const [signature] = readArray(transaction["signatures"], "transaction.signatures", MAX_SIGNATURES);
  const accounts = readArray(message["accountKeys"], "message.accountKeys", MAX_ACCOUNTS).map((key) =>
    readAddress(key, "message.accountKeys"),
  );
  const [first] = Array.isArray(message["instructions"]) ? (message["instructions"] as unknown[]) : [];
  const programIndex = isObject(first) ? first["programIdIndex"] : null;
  const feePayer = readAddress(accounts[0], "message.accountKeys[0]");
  const program = typeof programIndex === "number" ? accounts[programIndex] : undefined;
  const blockTime = result["blockTime"];
  return {
    signature: readSignature(signature, "transaction.signatures[0]"),
    slot: readCount(result["slot"], "slot"),
    blockTime: Number.isSafeInteger(blockTime) && (blockTime as number) >= 0 ? (blockTime as number) : null,
    feePayer,
    feeLamports: BigInt(readCount(meta["fee"], "meta.fee")),
    error: (meta["err"] ?? null) as TransactionError | null,
    accounts,
    programs: program === undefined ? [] : [program],
    instructions: [],
    summary: { kind: "unknown", program_id: program ?? feePayer },
    creates: [],
    trades: [],
    mints: [],
    tokenChanges: [],
    metadata: [],
  };
}
