import type { JsonTransaction } from "../ledger/transaction.ts";
import { addressBytes, fromBase58, toBase58 } from "./base58.ts";
import { compactLength, createByteReader } from "./byte-reader.ts";

export type TransactionVersion = "legacy" | 0;

/** A transaction of a version that this node does not execute, or bytes that are no transaction. */
export class WireFormatError extends Error {
  override readonly name = "WireFormatError";
}

const VERSION_FLAG = 0x80;

const encodeList = <T>(
  items: readonly T[],
  encode: (item: T) => readonly number[] | Uint8Array,
): number[] => [...compactLength(items.length), ...items.flatMap((item) => [...encode(item)])];

/** The bytes that the signatures of a transaction sign (legacy and version 0). */
export const encodeMessage = (
  message: JsonTransaction["message"],
  version: TransactionVersion,
): Uint8Array => {
  const { header } = message;
  const bytes = [
    ...(version === 0 ? [VERSION_FLAG] : []),
    header.numRequiredSignatures,
    header.numReadonlySignedAccounts,
    header.numReadonlyUnsignedAccounts,
    ...encodeList(message.accountKeys, addressBytes),
    ...addressBytes(message.recentBlockhash),
    ...encodeList(message.instructions, (instruction) => [
      instruction.programIdIndex,
      ...encodeList(instruction.accounts, (index) => [index]),
      ...encodeList([...fromBase58(instruction.data)], (byte) => [byte]),
    ]),
  ];
  if (version === 0) {
    bytes.push(
      ...encodeList(message.addressTableLookups ?? [], (lookup) => [
        ...addressBytes(lookup.accountKey),
        ...encodeList(lookup.writableIndexes, (index) => [index]),
        ...encodeList(lookup.readonlyIndexes, (index) => [index]),
      ]),
    );
  }
  return Uint8Array.from(bytes);
};

/** A whole transaction as it travels: signatures, then the message. */
export const encodeTransaction = (transaction: JsonTransaction, version: TransactionVersion): Uint8Array => {
  const signatures = encodeList(transaction.signatures, fromBase58);
  const message = encodeMessage(transaction.message, version);
  const bytes = new Uint8Array(signatures.length + message.length);
  bytes.set(signatures);
  bytes.set(message, signatures.length);
  return bytes;
};

export interface DecodedTransaction {
  readonly version: TransactionVersion;
  readonly transaction: JsonTransaction;
  readonly messageBytes: Uint8Array;
}

/**
 * Reads a transaction from its bytes, into the shape of encoding `json`; top-level instructions have `stackHeight` 1,
 * as nodes from version 3 on write it.
 * @throws {WireFormatError} for truncated bytes, trailing bytes and versions above 0.
 */
export const decodeTransaction = (wire: Uint8Array): DecodedTransaction => {
  try {
    return decode(wire);
  } catch (error) {
    if (error instanceof RangeError)
      throw new WireFormatError(`failed to fill whole buffer: ${error.message}`);
    throw error;
  }
};

const decode = (wire: Uint8Array): DecodedTransaction => {
  const reader = createByteReader(wire);
  const signatures = reader.list(() => toBase58(reader.take(64)));
  const messageStart = reader.position();
  const first = reader.peek() ?? 0;
  const version = (first & VERSION_FLAG) === 0 ? "legacy" : first & 0x7f;
  if (version !== "legacy") {
    if (version !== 0) throw new WireFormatError(`transaction version ${version} is not supported`);
    reader.byte();
  }
  const header = {
    numRequiredSignatures: reader.byte(),
    numReadonlySignedAccounts: reader.byte(),
    numReadonlyUnsignedAccounts: reader.byte(),
  };
  const accountKeys = reader.list(() => toBase58(reader.take(32)));
  const recentBlockhash = toBase58(reader.take(32));
  const instructions = reader.list(() => ({
    programIdIndex: reader.byte(),
    accounts: reader.list(reader.byte),
    data: toBase58(reader.take(reader.compact())),
    stackHeight: 1,
  }));
  const lookups =
    version === 0
      ? reader.list(() => {
          const accountKey = toBase58(reader.take(32));
          const writableIndexes = reader.list(reader.byte);
          return { accountKey, writableIndexes, readonlyIndexes: reader.list(reader.byte) };
        })
      : null;
  if (!reader.atEnd()) throw new WireFormatError("bytes after the end of the transaction");
  const message = { header, accountKeys, recentBlockhash, instructions };
  return {
    version,
    transaction: {
      signatures,
      message: lookups === null ? message : { ...message, addressTableLookups: lookups },
    },
    messageBytes: wire.subarray(messageStart),
  };
};
