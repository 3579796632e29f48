import { decodeBase58 } from "./base58.ts";
import { DecodeError } from "./decode-error.ts";
import {
  isObject,
  readAddress,
  readArray,
  readCount,
  readIndex,
  readIndexes,
  readObject,
  readOptionalArray,
  readSignature,
  readString,
} from "./json-shape.ts";
import type { RawInstruction, RawMessage } from "./raw-transaction.ts";
import { readWireTransaction } from "./read-wire-transaction.ts";

/** An account is named by one byte. */
export const MAX_ACCOUNTS = 256;
/** Far above what a transaction of 4,096 bytes can hold, or the chain lets it call (64 today). */
export const MAX_INSTRUCTIONS = 2_048;
const MAX_SIGNATURES = 256;
const MAX_WIRE_TEXT = 16_384;

/** Reads the `transaction` of a node's answer: `encoding` json, base64, or base58 (wire format). */
export function readMessage(transaction: unknown): RawMessage {
  if (Array.isArray(transaction)) return readWireTransaction(readWireText(transaction));
  if (typeof transaction === "string") {
    throw new DecodeError(
      'The transaction is text without its encoding; ask for encoding "json" or "base64"',
    );
  }
  const { signatures, message: messageJson } = readObject(transaction, "transaction");
  const message = readObject(messageJson, "transaction.message");
  if ("compiledInstructions" in message || "staticAccountKeys" in message) {
    throw new DecodeError(
      "The transaction is in the shape of web3.js, which no node sends; pass the node's JSON",
    );
  }
  const keys = readArray(message["accountKeys"], "message.accountKeys", MAX_ACCOUNTS);
  if (keys.some(isObject)) {
    throw new DecodeError('The transaction is in encoding "jsonParsed"; ask for "json" or "base64"');
  }
  if (keys.length === 0) throw new DecodeError("message.accountKeys is empty: a transaction has a fee payer");
  const staticAccounts = keys.map((key) => readAddress(key, "message.accountKeys"));
  const lookedUp = countLookups(message["addressTableLookups"]);
  return {
    signature: readSignature(
      readArray(signatures, "transaction.signatures", MAX_SIGNATURES)[0],
      "transaction.signatures[0]",
    ),
    staticAccounts,
    instructions: readInstructions(
      message["instructions"],
      MESSAGE_INSTRUCTIONS,
      staticAccounts.length + lookedUp,
    ),
    lookedUp,
  };
}

/** Names of the places in a list of instructions, made once: a block has thousands of them. */
export const placesOfInstructions = (where: string) => ({
  list: where,
  programIdIndex: `${where}.programIdIndex`,
  accounts: `${where}.accounts`,
  data: `${where}.data`,
  stackHeight: `${where}.stackHeight`,
});

const MESSAGE_INSTRUCTIONS = placesOfInstructions("message.instructions");

/** Reads compiled instructions as they stand in a message and in `meta.innerInstructions`. */
export function readInstructions(
  value: unknown,
  places: ReturnType<typeof placesOfInstructions>,
  accountCount: number,
): readonly RawInstruction[] {
  return readArray(value, places.list, MAX_INSTRUCTIONS).map((json): RawInstruction => {
    const { programIdIndex, accounts, data, stackHeight } = readObject(json, places.list);
    return {
      programIndex: readIndex(programIdIndex, places.programIdIndex, accountCount),
      accounts: readIndexes(accounts, places.accounts, accountCount, MAX_ACCOUNTS),
      data: readString(data, places.data),
      stackHeight:
        stackHeight === null || stackHeight === undefined ? null : readCount(stackHeight, places.stackHeight),
    };
  });
}

function countLookups(tables: unknown): number {
  const where = "message.addressTableLookups";
  let lookedUp = 0;
  for (const json of readOptionalArray(tables, where, MAX_ACCOUNTS)) {
    const { readonlyIndexes, writableIndexes } = readObject(json, where);
    lookedUp += readArray(readonlyIndexes, `${where}.readonlyIndexes`, MAX_ACCOUNTS).length;
    lookedUp += readArray(writableIndexes, `${where}.writableIndexes`, MAX_ACCOUNTS).length;
  }
  return lookedUp;
}

function readWireText([textJson, encoding]: readonly unknown[]): Uint8Array {
  const text = readString(textJson, "transaction[0]");
  if (text.length > MAX_WIRE_TEXT) throw new DecodeError("The wire transaction is longer than any can be");
  if (encoding === "base64") return Buffer.from(text, "base64");
  const bytes = encoding === "base58" ? decodeBase58(text) : null;
  if (bytes === null)
    throw new DecodeError('The wire transaction is not readable; ask for encoding "base64"');
  return bytes;
}
