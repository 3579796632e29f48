import { DecodeError } from "../decode/decode-error.ts";
import type { DecodeTransaction } from "../decode/decode-transaction.ts";
import type { DecodedTransaction } from "../decode/decoded-transaction.ts";
import { readEnvelope } from "../decode/envelope.ts";
import {
  isObject,
  readArray,
  readBlockTime,
  readCount,
  readObject,
  readString,
  type JsonObject,
} from "../decode/json-shape.ts";
import { errorText } from "../support/error-text.ts";

/** A transaction of a block that mentions an address that was asked for. */
export interface BlockTransaction {
  /** Its place in the block. */
  readonly index: number;
  /** The first of those addresses, in the order in which they were asked for. */
  readonly address: string;
  /** null when not even its envelope can be read. */
  readonly transaction: DecodedTransaction | null;
  /** Why it could not be decoded, or only its envelope; null when it could. */
  readonly problem: string | null;
}

/** A confirmed block: where it stands in the chain, and of its transactions those that matter, in order. */
export interface ReadBlock {
  readonly slot: number;
  readonly parentSlot: number;
  readonly blockhash: string;
  readonly previousBlockhash: string;
  readonly transactions: readonly BlockTransaction[];
}

/** More than any block can have. */
const MAX_TRANSACTIONS = 200_000;

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Every account that a transaction of a block names, looked-up ones included; what is malformed names none. */
function* accountsOf(json: unknown): Generator {
  if (!isObject(json) || !isObject(json["transaction"])) return;
  const { message } = json["transaction"];
  if (isObject(message)) yield* listOf(message["accountKeys"]);
  const loaded = isObject(json["meta"]) ? json["meta"]["loadedAddresses"] : null;
  if (!isObject(loaded)) return;
  yield* listOf(loaded["writable"]);
  yield* listOf(loaded["readonly"]);
}

/**
 * Reads a `getBlock` result of encoding `json` as `JSON.parse` made it.
 * @throws DecodeError when it is no block. A single transaction that cannot be read never makes it throw.
 */
export function readBlock(
  json: unknown,
  slot: number,
  addresses: readonly string[],
  decode: DecodeTransaction,
): ReadBlock {
  const block = readObject(json, "The block");
  const blockTime = readBlockTime(block["blockTime"]);
  const rank = new Map(addresses.map((address, at) => [address, at]));

  const firstMentioned = (transaction: unknown): string | undefined => {
    let first = Infinity;
    for (const account of accountsOf(transaction)) {
      first = Math.min(first, rank.get(account as string) ?? Infinity);
    }
    return addresses[first];
  };

  const read = (transaction: unknown, index: number, address: string): BlockTransaction => {
    try {
      return { index, address, transaction: decode(transaction, { slot, blockTime }), problem: null };
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      const problem = errorText(error);
      return { index, address, transaction: envelope(transaction as JsonObject), problem };
    }
  };
  const envelope = (transaction: JsonObject): DecodedTransaction | null => {
    try {
      return readEnvelope({ ...transaction, slot, blockTime });
    } catch {
      return null;
    }
  };

  const transactions: BlockTransaction[] = [];
  for (const [index, json] of readArray(
    block["transactions"],
    "block.transactions",
    MAX_TRANSACTIONS,
  ).entries()) {
    const address = firstMentioned(json);
    if (address !== undefined) transactions.push(read(json, index, address));
  }
  return {
    slot,
    parentSlot: readCount(block["parentSlot"], "block.parentSlot"),
    blockhash: readString(block["blockhash"], "block.blockhash"),
    previousBlockhash: readString(block["previousBlockhash"], "block.previousBlockhash"),
    transactions,
  };
}
