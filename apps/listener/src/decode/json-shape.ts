import { checkAddress } from "./address-cache.ts";
import { isBase58 } from "./base58.ts";
import { DecodeError } from "./decode-error.ts";

/** Readers of untrusted JSON. Each names the place it reads in its error; none throws anything but DecodeError. */

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const describeValue = (value: unknown): string => {
  if (value === null || value === undefined || typeof value === "number") return String(value);
  return Array.isArray(value) ? "an array" : typeof value === "object" ? "an object" : `a ${typeof value}`;
};

/** The error for a value that is not what a node sends at that place. */
export const unexpected = (where: string, expected: string, value: unknown): DecodeError =>
  new DecodeError(`${where} should be ${expected}, but is ${describeValue(value)}`);

export function readObject(value: unknown, where: string): JsonObject {
  if (!isObject(value)) throw unexpected(where, "an object", value);
  return value;
}

/** An array of at most `max` elements. */
export function readArray(value: unknown, where: string, max: number): readonly unknown[] {
  if (!Array.isArray(value)) throw unexpected(where, "an array", value);
  if (value.length > max)
    throw new DecodeError(`${where} has ${value.length} elements; ${max} at most are read`);
  return value as readonly unknown[];
}

/** As `readArray`; none where the node left it out, as old nodes do. */
export const readOptionalArray = (value: unknown, where: string, max: number): readonly unknown[] =>
  value === null || value === undefined ? [] : readArray(value, where, max);

export function readString(value: unknown, where: string): string {
  if (typeof value !== "string") throw unexpected(where, "a string", value);
  return value;
}

const isCount = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 0;

/** An integer of at least 0. Beyond 2^53 JSON numbers are read as the nearest double, as JSON.parse does. */
export function readCount(value: unknown, where: string): number {
  if (!isCount(value)) throw unexpected(where, "an integer of at least 0", value);
  return value;
}

/** Numbers of which each is a count. */
export function readCounts(value: unknown, where: string, max: number): readonly number[] {
  const counts = readArray(value, where, max);
  // By place: an iterator would make an object of each large number.
  for (let at = 0; at < counts.length; at++) {
    if (!isCount(counts[at])) throw unexpected(where, "an integer of at least 0", counts[at]);
  }
  return counts as readonly number[];
}

/** Unix seconds; null where the node left them out, as it does for blocks of which it does not know the time. */
export function readBlockTime(value: unknown): number | null {
  if (value === null || value === undefined) return null;
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
    throw unexpected("blockTime", "Unix seconds", value);
  return value;
}

/** An index below `length`. */
export function readIndex(value: unknown, where: string, length: number): number {
  const index = readCount(value, where);
  if (index >= length) throw new DecodeError(`${where} is ${index}, but there are only ${length}`);
  return index;
}

/** Numbers of which each is an index below `length`. */
export function readIndexes(value: unknown, where: string, length: number, max: number): readonly number[] {
  const indexes = readArray(value, where, max);
  for (const index of indexes) readIndex(index, where, length);
  return indexes as readonly number[];
}

export function readAddress(value: unknown, where: string): string {
  const address = typeof value === "string" ? checkAddress(value) : null;
  if (address === null) throw unexpected(where, "an address in base58", value);
  return address;
}

export function readSignature(value: unknown, where: string): string {
  if (typeof value !== "string" || !isBase58(value, 64, 88)) {
    throw unexpected(where, "a signature in base58", value);
  }
  return value;
}
