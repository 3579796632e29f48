import { randomBytes } from "node:crypto";

/** Marks bigints on their way through JSON.stringify; random, so that no text of a client can pass for one. */
const MARK = `bigint-${randomBytes(12).toString("hex")}:`;
const MARKED = new RegExp(`"${MARK}(-?\\d+)"`, "g");

const markBigints = (_: string, value: unknown): unknown =>
  typeof value === "bigint" ? `${MARK}${value}` : value;

/** JSON in which bigints are exact integers, as nodes write u64 values above 2^53. */
export const toJson = (value: unknown): string => {
  try {
    return JSON.stringify(value);
  } catch {
    // Slower path, for the few answers that hold a bigint.
    return JSON.stringify(value, markBigints).replaceAll(MARKED, "$1");
  }
};

/** The number when JavaScript can hold it exactly, else the bigint. */
export const exactInteger = (value: bigint): number | bigint =>
  value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
