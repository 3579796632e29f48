import type { JsonTransaction } from "../ledger/transaction.ts";
import { fromBase58 } from "../wire/base58.ts";

export const COMPUTE_BUDGET_PROGRAM = "ComputeBudget111111111111111111111111111111";
const LAMPORTS_PER_SIGNATURE = 5_000;
const DEFAULT_UNITS_PER_INSTRUCTION = 200_000;
/** Built-in programs reserve less (SIMD-0170). */
const DEFAULT_UNITS_PER_BUILTIN = 3_000;
const MAX_UNITS = 1_400_000;
const MICRO_LAMPORTS = 1_000_000n;
const BUILTINS = new Set([
  COMPUTE_BUDGET_PROGRAM,
  "11111111111111111111111111111111",
  "Vote111111111111111111111111111111111111111",
  "BPFLoaderUpgradeab1e11111111111111111111111",
]);

/** What the compute budget program's instructions ask for: the limit that applies, and the whole fee in lamports. */
export const computeBudget = (
  message: JsonTransaction["message"],
): { readonly unitLimit: number; readonly fee: number } => {
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
