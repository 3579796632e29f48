import { z } from "zod";

/** A number of whole units (tokens with their decimals applied, SOL) as decimal digits; never a float. */
export const decimal = z
  .string()
  .max(80)
  .regex(/^-?\d+(\.\d+)?$/, 'must be a decimal number as a string, as "12.5"')
  .describe("Decimal number in whole units, as a string");

/** An account address: 32 bytes in base58. */
export const address = z
  .string()
  .regex(/^[1-9A-HJ-NP-Za-km-z]{32,44}$/, "must be an address: 32 bytes in base58")
  .describe("Account address, base58");

/** A transaction signature: 64 bytes in base58. */
export const signature = z
  .string()
  .regex(/^[1-9A-HJ-NP-Za-km-z]{64,88}$/, "must be a signature: 64 bytes in base58")
  .describe("Transaction signature, base58");

export const slot = z.int().nonnegative().describe("Slot of the block that holds the transaction");

export const blockTime = z
  .int()
  .nullable()
  .describe("Time of the block in Unix seconds; null when the node does not know it");

export const timestampMs = z.int().nonnegative().describe("Unix milliseconds");
