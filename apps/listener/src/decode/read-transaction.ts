import { DecodeError } from "./decode-error.ts";
import type { TransactionError } from "./decoded-transaction.ts";
import {
  readAddress,
  readBlockTime,
  readCount,
  readCounts,
  readIndex,
  readObject,
  readOptionalArray,
  readString,
  unexpected,
  type JsonObject,
} from "./json-shape.ts";
import type { RawInnerInstructions, RawTokenBalance, RawTransaction } from "./raw-transaction.ts";
import {
  MAX_ACCOUNTS,
  MAX_INSTRUCTIONS,
  placesOfInstructions,
  readInstructions,
  readMessage,
} from "./read-message.ts";

/** Where a transaction of a `getBlock` answer stands: its own JSON does not say. */
export interface BlockPlace {
  readonly slot: number;
  /** Unix seconds; null when the node does not know it. */
  readonly blockTime: number | null;
}

/** Digits of the largest u64. */
const MAX_AMOUNT_DIGITS = 20;

/**
 * Reads a `getTransaction` result, or an element of a `getBlock` result's `transactions` together with its
 * `place`. Encodings json, base64 and base58; versions legacy and 0 in every encoding, later ones in json.
 * The JSON is to be passed as `JSON.parse` made it: numbers, not bigints.
 * @throws DecodeError when it is anything else.
 */
export function readTransaction(json: unknown, place?: BlockPlace): RawTransaction {
  const result = readObject(json, "The transaction result");
  const message = readMessage(result["transaction"]);
  const meta = readObject(result["meta"], "meta");
  const accounts = withLoadedAddresses(message.staticAccounts, message.lookedUp, meta["loadedAddresses"]);
  const count = accounts.length;
  if (meta["err"] === undefined) throw unexpected("meta.err", "null or an error", meta["err"]);
  const preTokenBalances = readTokenBalances(meta["preTokenBalances"], PRE_TOKEN_BALANCES, count, []);
  return {
    signature: message.signature,
    slot: place === undefined ? readCount(result["slot"], "slot") : place.slot,
    blockTime: place === undefined ? readBlockTime(result["blockTime"]) : place.blockTime,
    accounts,
    instructions: message.instructions,
    innerInstructions: readInner(meta["innerInstructions"], message.instructions.length, count),
    error: meta["err"] as TransactionError | null,
    fee: readCount(meta["fee"], "meta.fee"),
    preBalances: readBalances(meta["preBalances"], "meta.preBalances", count),
    postBalances: readBalances(meta["postBalances"], "meta.postBalances", count),
    preTokenBalances,
    postTokenBalances: readTokenBalances(
      meta["postTokenBalances"],
      POST_TOKEN_BALANCES,
      count,
      preTokenBalances,
    ),
  };
}

/** Addresses of lookup tables stand behind the static ones, writable before readonly. */
function withLoadedAddresses(
  staticAccounts: readonly string[],
  lookedUp: number,
  json: unknown,
): readonly string[] {
  if (json === null || json === undefined) {
    if (lookedUp === 0) return staticAccounts;
    throw new DecodeError("The transaction uses lookup tables, but meta.loadedAddresses is missing");
  }
  const where = "meta.loadedAddresses";
  const { writable, readonly } = readObject(json, where);
  const writables = readOptionalArray(writable, `${where}.writable`, MAX_ACCOUNTS);
  const readonlys = readOptionalArray(readonly, `${where}.readonly`, MAX_ACCOUNTS);
  const loaded = writables.length + readonlys.length;
  if (loaded !== lookedUp) {
    throw new DecodeError(`The transaction looks ${lookedUp} addresses up, but ${where} holds ${loaded}`);
  }
  if (lookedUp === 0) return staticAccounts;
  const accounts = [...staticAccounts];
  for (const address of writables) accounts.push(readAddress(address, where));
  for (const address of readonlys) accounts.push(readAddress(address, where));
  return accounts;
}

const INNER_INSTRUCTIONS = placesOfInstructions("meta.innerInstructions.instructions");

function readInner(
  value: unknown,
  outerCount: number,
  accountCount: number,
): readonly RawInnerInstructions[] {
  const where = "meta.innerInstructions";
  let total = 0;
  let last = -1;
  return readOptionalArray(value, where, MAX_INSTRUCTIONS).map((json) => {
    const { index: indexJson, instructions: instructionsJson } = readObject(json, where);
    const index = readIndex(indexJson, "meta.innerInstructions.index", outerCount);
    const instructions = readInstructions(instructionsJson, INNER_INSTRUCTIONS, accountCount);
    total += instructions.length;
    if (total > MAX_INSTRUCTIONS) throw new DecodeError(`${where} holds more than ${MAX_INSTRUCTIONS}`);
    if (index <= last)
      throw new DecodeError(`${where} is not in the order of the transaction's instructions`);
    last = index;
    return { index, instructions };
  });
}

function readBalances(value: unknown, where: string, accountCount: number): readonly number[] {
  const balances = readCounts(value, where, MAX_ACCOUNTS);
  if (balances.length !== accountCount) {
    throw new DecodeError(`${where} holds ${balances.length} balances for ${accountCount} accounts`);
  }
  return balances;
}

/** Names of the places in a list of token balances, made once: a block has thousands of them. */
const placesOfBalances = (where: string) => ({
  list: where,
  accountIndex: `${where}.accountIndex`,
  mint: `${where}.mint`,
  owner: `${where}.owner`,
  tokenAmount: `${where}.uiTokenAmount`,
  decimals: `${where}.uiTokenAmount.decimals`,
  amount: `${where}.uiTokenAmount.amount`,
});
type PlacesOfBalances = ReturnType<typeof placesOfBalances>;

const PRE_TOKEN_BALANCES = placesOfBalances("meta.preTokenBalances");
const POST_TOKEN_BALANCES = placesOfBalances("meta.postTokenBalances");

/** @param before balances of which those at the same places are probably of the same accounts. */
const readTokenBalances = (
  value: unknown,
  places: PlacesOfBalances,
  accountCount: number,
  before: readonly RawTokenBalance[],
): readonly RawTokenBalance[] =>
  readOptionalArray(value, places.list, MAX_ACCOUNTS).map((json, at) =>
    readTokenBalance(readObject(json, places.list), places, accountCount, before[at]),
  );

function readTokenBalance(
  json: JsonObject,
  places: PlacesOfBalances,
  accountCount: number,
  before: RawTokenBalance | undefined,
): RawTokenBalance {
  const { accountIndex, mint, owner, uiTokenAmount } = json;
  const { amount, decimals } = readObject(uiTokenAmount, places.tokenAmount);
  return {
    accountIndex: readIndex(accountIndex, places.accountIndex, accountCount),
    mint: before !== undefined && mint === before.mint ? before.mint : readAddress(mint, places.mint),
    owner: before !== undefined && owner === before.owner ? before.owner : readOwner(owner, places.owner),
    decimals: readIndex(decimals, places.decimals, 256),
    amount: readAmount(amount, places.amount),
  };
}

/** Nodes before 1.10 left the owner out; some indexers store "". */
const readOwner = (owner: unknown, where: string): string | null =>
  owner === undefined || owner === null || owner === "" ? null : readAddress(owner, where);

function readAmount(value: unknown, where: string): bigint {
  const text = readString(value, where);
  if (text.length === 0 || text.length > MAX_AMOUNT_DIGITS) throw unexpected(where, "digits of a u64", value);
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 48 || code > 57) throw unexpected(where, "digits of a u64", value);
  }
  return BigInt(text);
}
