import type { JsonTransaction } from "../ledger/transaction.ts";
import { addressBytes, addressText, fromBase58, toBase58 } from "./base58.ts";
import { createByteReader } from "./byte-reader.ts";
import { type ByteWriter, createByteWriter } from "./byte-writer.ts";

export type TransactionVersion = "legacy" | 0;

/** A transaction of a version that this node does not execute, or bytes that are no transaction. */
export class WireFormatError extends Error {
  override readonly name = "WireFormatError";
}

const VERSION_FLAG = 0x80;

const writeMessage = (
  writer: ByteWriter,
  message: JsonTransaction["message"],
  version: TransactionVersion,
): void => {
  const { header } = message;
  if (version === 0) writer.byte(VERSION_FLAG);
  writer.byte(header.numRequiredSignatures);
  writer.byte(header.numReadonlySignedAccounts);
  writer.byte(header.numReadonlyUnsignedAccounts);
  writer.list(message.accountKeys, (key) => writer.put(addressBytes(key)));
  writer.put(addressBytes(message.recentBlockhash));
  writer.list(message.instructions, ({ programIdIndex, accounts, data }) => {
    writer.byte(programIdIndex);
    writer.sized(accounts);
    writer.sized(fromBase58(data));
  });
  if (version !== 0) return;
  writer.list(message.addressTableLookups ?? [], ({ accountKey, writableIndexes, readonlyIndexes }) => {
    writer.put(addressBytes(accountKey));
    writer.sized(writableIndexes);
    writer.sized(readonlyIndexes);
  });
};

/** The bytes that the signatures of a transaction sign (legacy and version 0). */
export const encodeMessage = (
  message: JsonTransaction["message"],
  version: TransactionVersion,
): Uint8Array => {
  const writer = createByteWriter();
  writeMessage(writer, message, version);
  return writer.written();
};

/** A whole transaction as it travels: signatures, then the message. */
export const encodeTransaction = (transaction: JsonTransaction, version: TransactionVersion): Uint8Array => {
  const writer = createByteWriter();
  writer.list(transaction.signatures, (signature) => writer.put(fromBase58(signature)));
  writeMessage(writer, transaction.message, version);
  return writer.written();
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
  const accountKeys = reader.list(() => addressText(reader.take(32)));
  const recentBlockhash = addressText(reader.take(32));
  const instructions = reader.list(() => ({
    programIdIndex: reader.byte(),
    accounts: reader.list(reader.byte),
    data: toBase58(reader.take(reader.compact())),
    stackHeight: 1,
  }));
  const lookups =
    version === 0
      ? reader.list(() => {
          const accountKey = addressText(reader.take(32));
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
