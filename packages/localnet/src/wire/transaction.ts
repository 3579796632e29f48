import type { JsonTransaction, TransactionVersion } from "../ledger/transaction.ts";
import { addressBytes, addressText, fromBase58, toBase58 } from "./base58.ts";
import { createByteReader } from "./byte-reader.ts";
import { type ByteWriter, createByteWriter } from "./byte-writer.ts";
import { readMessageV1, writeMessageV1 } from "./message-v1.ts";

/** A transaction of a version that this node does not execute, or bytes that are no transaction. */
export class WireFormatError extends Error {
  override readonly name = "WireFormatError";
}

const VERSION_FLAG = 0x80;
const SIGNATURE_BYTES = 64;
/** The first byte of a transaction of version 1, whose signatures come last. */
const VERSION_1 = VERSION_FLAG | 1;

const writeMessage = (
  writer: ByteWriter,
  message: JsonTransaction["message"],
  version: TransactionVersion,
): void => {
  const { header } = message;
  if (version === 1) {
    writer.byte(VERSION_1);
    return writeMessageV1(writer, message);
  }
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

/** The bytes that the signatures of a transaction sign. */
export const encodeMessage = (
  message: JsonTransaction["message"],
  version: TransactionVersion,
): Uint8Array => {
  const writer = createByteWriter();
  writeMessage(writer, message, version);
  return writer.written();
};

/** A whole transaction as it travels: signatures, then the message; of version 1 the other way round. */
export const encodeTransaction = (transaction: JsonTransaction, version: TransactionVersion): Uint8Array => {
  const writer = createByteWriter();
  if (version === 1) {
    writeMessage(writer, transaction.message, version);
    for (const signature of transaction.signatures) writer.put(fromBase58(signature));
    return writer.written();
  }
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
 * @throws {WireFormatError} for truncated bytes, trailing bytes and versions above 1.
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
  const first = wire[0] ?? 0;
  if (first === VERSION_1) return decodeVersion1(wire);
  // Before version 1, the first byte counts signatures, of which there are never so many.
  if ((first & VERSION_FLAG) !== 0) throw unsupported(first);
  return decodeSignaturesFirst(wire);
};

const unsupported = (versionByte: number): WireFormatError =>
  new WireFormatError(`transaction version ${versionByte & ~VERSION_FLAG} is not supported`);

const decodeVersion1 = (wire: Uint8Array): DecodedTransaction => {
  const reader = createByteReader(wire);
  reader.byte();
  const message = readMessageV1(reader);
  const messageBytes = wire.subarray(0, reader.position());
  const signatures = Array.from({ length: message.header.numRequiredSignatures }, () =>
    toBase58(reader.take(SIGNATURE_BYTES)),
  );
  if (!reader.atEnd()) throw new WireFormatError("bytes after the end of the transaction");
  return { version: 1, transaction: { signatures, message }, messageBytes };
};

const decodeSignaturesFirst = (wire: Uint8Array): DecodedTransaction => {
  const reader = createByteReader(wire);
  const signatures = reader.list(() => toBase58(reader.take(SIGNATURE_BYTES)));
  const messageStart = reader.position();
  const first = reader.peek() ?? 0;
  const version = (first & VERSION_FLAG) === 0 ? "legacy" : first & 0x7f;
  if (version !== "legacy") {
    if (version !== 0) throw unsupported(first);
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
