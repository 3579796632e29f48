import type { AccountState } from "../ledger/transaction.ts";
import { InstructionFailed, type ProgramInstruction } from "./emulated-program.ts";

const SYSTEM_PROGRAM = "11111111111111111111111111111111";
const MISSING: Pick<AccountState, "lamports" | "owner" | "data"> = {
  lamports: 0n,
  owner: SYSTEM_PROGRAM,
  data: new Uint8Array(),
};

/**
 * The runtime's rules for what a program may write.
 * @throws {InstructionFailed} with the name that the runtime gives the violation.
 */
export const checkAccountWrite = (
  instruction: ProgramInstruction,
  address: string,
  before: AccountState | null,
  after: AccountState | null,
): void => {
  const roles = instruction.accounts.filter((account) => account.address === address);
  if (roles.length === 0) throw new InstructionFailed("MissingAccount");
  const was = before ?? MISSING;
  const becomes = after ?? MISSING;
  const writable = roles.some((role) => role.writable);
  const owned = was.owner === instruction.programId;
  if (was.lamports !== becomes.lamports) {
    if (!writable) throw new InstructionFailed("ReadonlyLamportChange");
    if (!owned && becomes.lamports < was.lamports) throw new InstructionFailed("ExternalAccountLamportSpend");
  }
  const closed = after === null || after.lamports === 0n;
  if (closed) return;
  if (!Buffer.from(was.data).equals(becomes.data)) {
    if (!writable) throw new InstructionFailed("ReadonlyDataModified");
    if (!owned) throw new InstructionFailed("ExternalAccountDataModified");
  }
  if (was.owner !== becomes.owner && !(owned && writable)) throw new InstructionFailed("ModifiedProgramId");
};

/** Lamports of all accounts of an instruction together. */
export const lamportsOf = (
  instruction: ProgramInstruction,
  lamportsAt: (address: string) => bigint,
): bigint => {
  let sum = 0n;
  for (const address of new Set(instruction.accounts.map((account) => account.address))) {
    sum += lamportsAt(address);
  }
  return sum;
};
