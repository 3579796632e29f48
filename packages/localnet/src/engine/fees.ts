import type { JsonTransaction } from "../ledger/transaction.ts";
import { fromBase58 } from "../wire/base58.ts";

export const COMPUTE_BUDGET_PROGRAM = "ComputeBudget111111111111111111111111111111";
const LAMPORTS_PER_SIGNATURE = 5_000;
const DEFAULT_UNITS_PER_INSTRUCTION = 200_000;
/** Built-in programs reserve less (SIMD-0170). */
const DEFAULT_UNITS_PER_BUILTIN = 3_000;
const MAX_UNITS = 1_400_000;
const MAX_LOADED_BYTES = 64 * 1_024 * 1_024;
const MICRO_LAMPORTS = 1_000_000n;
const BUILTINS = new Set([
  COMPUTE_BUDGET_PROGRAM,
  "11111111111111111111111111111111",
  "Vote111111111111111111111111111111111111111",
  "BPFLoaderUpgradeab1e11111111111111111111111",
]);

export interface Budget {
  /** Compute units. */
  readonly unitLimit: number;
  /** Lamports, priority fee included. */
  readonly fee: number;
  /** Bytes of accounts that may be loaded. */
  readonly loadedBytes: number;
}

/**
 * What a transaction may use and what it pays, as the compute budget program's instructions ask for, or in version 1 its
 * config: there what is not asked for is not granted.
 */
export const budgetOf = (message: JsonTransaction["message"]): Budget => {
  const config = message.transactionConfig;
  if (config === undefined) return { ...computeBudget(message), loadedBytes: MAX_LOADED_BYTES };
  return {
    unitLimit: Math.min(config.computeUnitLimit ?? 0, MAX_UNITS),
    fee: LAMPORTS_PER_SIGNATURE * message.header.numRequiredSignatures + Number(config.priorityFee ?? 0),
    loadedBytes: Math.min(config.loadedAccountsDataSizeLimit ?? 0, MAX_LOADED_BYTES),
  };
};

const computeBudget = (message: JsonTransaction["message"]): Omit<Budget, "loadedBytes"> => {
  let limit: number | null = null;
  let price = 0n;
  let byDefault = 0;
  for (const instruction of message.instructions) {
    const program = message.accountKeys[instruction.programIdIndex] ?? "";
    byDefault += BUILTINS.has(program) ? DEFAULT_UNITS_PER_BUILTIN : DEFAULT_UNITS_PER_INSTRUCTION;
    if (program !== COMPUTE_BUDGET_PROGRAM) continue;
    const data = Buffer.from(fromBase58(instruction.data));
    if (data[0] === 2 && data.length >= 5) limit = data.readUInt32LE(1);
    if (data[0] === 3 && data.length >= 9) price = data.readBigUInt64LE(1);
  }
  const unitLimit = Math.min(limit ?? byDefault, MAX_UNITS);
  const priority = (price * BigInt(unitLimit) + MICRO_LAMPORTS - 1n) / MICRO_LAMPORTS;
  return {
    unitLimit,
    fee: LAMPORTS_PER_SIGNATURE * message.header.numRequiredSignatures + Number(priority),
  };
};
