import type { ExecutedTransaction, JsonTransaction, TransactionMeta } from "../ledger/transaction.ts";
import { fromBase58 } from "../wire/base58.ts";
import { decodeTransaction, type TransactionVersion, WireFormatError } from "../wire/transaction.ts";
import { type ParsedMeta, type ParsedTransaction, rebuildParsed } from "./rebuild-parsed.ts";
import { RecordingError } from "./recording.ts";
import { isSigned } from "./signed.ts";
import { readWeb3Message } from "./web3-message.ts";

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

interface Rebuilt {
  readonly version: TransactionVersion;
  readonly transaction: JsonTransaction;
  readonly meta: TransactionMeta;
}

const readEncoded = (encoded: readonly unknown[], meta: TransactionMeta): Rebuilt => {
  const [text, encoding] = encoded;
  if (typeof text !== "string" || (encoding !== "base64" && encoding !== "base58")) {
    throw new RecordingError(`a transaction in encoding ${String(encoding)}`);
  }
  const wire = encoding === "base58" ? fromBase58(text) : Uint8Array.from(Buffer.from(text, "base64"));
  const { version, transaction } = decodeTransaction(wire);
  return { version, transaction, meta };
};

/** Keeps of a message what belongs to encoding `json`: web3.js adds fields of its own when it decodes one. */
const withoutExtras = (transaction: JsonTransaction): JsonTransaction => {
  const { message } = transaction;
  if (!("compiledInstructions" in message || "indexToProgramIds" in message)) return transaction;
  const { header, accountKeys, recentBlockhash, instructions, addressTableLookups } = message;
  return {
    signatures: transaction.signatures,
    message: {
      header,
      accountKeys,
      recentBlockhash,
      instructions,
      ...(addressTableLookups ? { addressTableLookups } : {}),
    },
  };
};

const readJson = (recorded: JsonTransaction, meta: TransactionMeta): Rebuilt => {
  const transaction = withoutExtras(recorded);
  const version: TransactionVersion = transaction.message.addressTableLookups ? 0 : "legacy";
  return { version, transaction, meta };
};

const unknownEncoding = (): RecordingError => new RecordingError("the transaction is in no known encoding");

const rebuild = (transaction: unknown, meta: unknown): Rebuilt => {
  if (!isRecord(meta)) throw new RecordingError("there is no meta");
  if (Array.isArray(transaction)) return readEncoded(transaction, meta as unknown as TransactionMeta);
  const message = isRecord(transaction) ? transaction["message"] : undefined;
  if (!isRecord(transaction) || !isRecord(message)) throw unknownEncoding();
  if (Array.isArray(message["staticAccountKeys"]) && Array.isArray(message["compiledInstructions"])) {
    const { signatures } = transaction as unknown as JsonTransaction;
    return readJson({ signatures, message: readWeb3Message(message) }, meta as unknown as TransactionMeta);
  }
  if (!Array.isArray(message["accountKeys"])) throw unknownEncoding();
  return typeof message["accountKeys"][0] === "string"
    ? readJson(transaction as unknown as JsonTransaction, meta as unknown as TransactionMeta)
    : rebuildParsed(transaction as unknown as ParsedTransaction, meta as unknown as ParsedMeta);
};

/**
 * Reads one recorded transaction: a `getTransaction` result, or an element of a block.
 * @throws {RecordingError} when it cannot be rebuilt exactly, which its signature proves.
 */
export const readRecording = (recorded: unknown): ExecutedTransaction => {
  if (!isRecord(recorded)) throw new RecordingError("it is not an object");
  try {
    const { version, transaction, meta } = rebuild(recorded["transaction"], recorded["meta"]);
    const [signature] = transaction.signatures;
    if (signature === undefined) throw new RecordingError("it has no signature");
    // Some decoders add table lookups to legacy messages or leave them out of others: the signature tells.
    const versions: TransactionVersion[] = [version, version === 0 ? "legacy" : 0];
    const signedAs = versions.find((candidate) => isSigned(transaction, candidate));
    if (signedAs === undefined) throw new RecordingError("the signature is not that of the message");
    return { signature, version: signedAs, transaction, meta, accounts: new Map() };
  } catch (error) {
    if (error instanceof RecordingError) throw error;
    if (error instanceof WireFormatError) throw new RecordingError(error.message);
    throw error;
  }
};
