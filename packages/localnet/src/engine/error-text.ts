import type { TransactionError } from "../ledger/transaction.ts";
import { INSTRUCTION_ERRORS, TRANSACTION_ERRORS } from "./error-names.ts";

const instructionTexts = new Map(INSTRUCTION_ERRORS);
const transactionTexts = new Map(TRANSACTION_ERRORS);

/** An instruction's error as program logs end with it: `Program X failed: custom program error: 0x1`. */
export const instructionErrorText = (error: unknown): string => {
  if (typeof error === "string") return instructionTexts.get(error) ?? error;
  if (typeof error === "object" && error !== null && "Custom" in error) {
    return `custom program error: 0x${Number(error.Custom).toString(16)}`;
  }
  return JSON.stringify(error);
};

/** A transaction's error as `sendTransaction` words it. */
export const transactionErrorText = (error: TransactionError): string => {
  if (typeof error === "string") return transactionTexts.get(error) ?? error;
  if (Array.isArray(error["InstructionError"])) {
    const [index, cause] = error["InstructionError"] as unknown[];
    return `Error processing Instruction ${String(index)}: ${instructionErrorText(cause)}`;
  }
  const rent = error["InsufficientFundsForRent"];
  if (typeof rent === "object" && rent !== null && "account_index" in rent) {
    return `Transaction results in an account (${String(rent.account_index)}) with insufficient funds for rent`;
  }
  return JSON.stringify(error);
};
