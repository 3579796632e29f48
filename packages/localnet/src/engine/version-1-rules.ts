import type { JsonTransaction } from "../ledger/transaction.ts";

/** What a transaction of version 1 may have at most (SIMD-0385). */
export const MAX_VERSION_1_BYTES = 4_096;
const MAX_SIGNATURES = 12;
const MAX_ACCOUNTS = 64;
const MAX_INSTRUCTIONS = 64;
const MIN_HEAP_BYTES = 32 * 1_024;
const MAX_HEAP_BYTES = 256 * 1_024;
const HEAP_STEP_BYTES = 1_024;

/** Why no node takes a message of version 1; null when its form is right. */
export const findFaultOfVersion1 = (message: JsonTransaction["message"], bytes: number): string | null => {
  const { header, accountKeys, instructions, transactionConfig } = message;
  const { numRequiredSignatures, numReadonlyUnsignedAccounts } = header;
  if (bytes > MAX_VERSION_1_BYTES) return `${bytes} bytes, where ${MAX_VERSION_1_BYTES} are allowed`;
  if (numRequiredSignatures > MAX_SIGNATURES) return `${numRequiredSignatures} signatures`;
  if (accountKeys.length > MAX_ACCOUNTS) return `${accountKeys.length} accounts`;
  if (instructions.length > MAX_INSTRUCTIONS) return `${instructions.length} instructions`;
  if (accountKeys.length < numRequiredSignatures + numReadonlyUnsignedAccounts) return "too few accounts";
  const heap = transactionConfig?.heapSize ?? MIN_HEAP_BYTES;
  if (heap < MIN_HEAP_BYTES || heap > MAX_HEAP_BYTES || heap % HEAP_STEP_BYTES !== 0) {
    return `a heap of ${heap} bytes`;
  }
  return null;
};
