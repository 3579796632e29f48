import type { DecodedInstruction } from "@commcoin/protocol";
import type { TransactionSummary } from "./decoded-transaction.ts";
import { SYSTEM_PROGRAM, TOKEN_2022_PROGRAM, TOKEN_PROGRAM } from "./programs/addresses.ts";

/**
 * Tells what a transaction was about.
 * @param programs those that were invoked, in order.
 */
export function summarize(
  instructions: readonly DecodedInstruction[],
  programs: readonly string[],
  commcoinProgramId: string,
): TransactionSummary {
  const main =
    instructions.find(({ program_id: program }) => program === commcoinProgramId) ??
    instructions.find(
      ({ program_id: program }) => program === TOKEN_PROGRAM || program === TOKEN_2022_PROGRAM,
    );
  // A transaction may be empty: it pays its fee and does nothing.
  if (main === undefined) return { kind: "unknown", program_id: programs[0] ?? SYSTEM_PROGRAM };
  const { kind, program_id, mint, amount, token_amount: tokens = amount, sol_amount: sol } = main;
  return {
    kind,
    program_id,
    ...(typeof mint === "string" && { token_id: mint }),
    ...(typeof tokens === "string" && { token_amount: tokens }),
    ...(typeof sol === "string" && { sol_amount: sol }),
  };
}
