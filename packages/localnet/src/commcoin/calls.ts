import {
  type AccountMeta,
  type Address,
  type Instruction,
  createNoopSigner,
  isSignerRole,
  isWritableRole,
} from "@solana/kit";
import {
  getAllocateInstruction,
  getAssignInstruction,
  getCreateAccountInstruction,
  getTransferSolInstruction,
} from "@solana-program/system";
import type { InvocationContext, ProgramInstruction } from "../engine/emulated-program.ts";

/** An instruction of kit's builders in the form that programs call each other with. */
export const programInstruction = (instruction: Instruction): ProgramInstruction => ({
  programId: instruction.programAddress,
  accounts: (instruction.accounts ?? []).map((meta: AccountMeta) => ({
    address: meta.address,
    signer: isSignerRole(meta.role),
    writable: isWritableRole(meta.role),
  })),
  data: new Uint8Array(instruction.data ?? []),
});

export const invoke = (context: InvocationContext, instruction: Instruction): void =>
  context.invoke(programInstruction(instruction));

/**
 * Creates an account of `space` bytes for `owner`, rent paid by `payer`. An address that already holds lamports
 * cannot go through `createAccount`: it is topped up, allocated and assigned, as Anchor does for `init`.
 */
export const createAccount = (
  context: InvocationContext,
  payer: Address,
  newAccount: Address,
  space: number,
  owner: Address,
): void => {
  const rent = context.rentExemptLamports(space);
  const present = context.account(newAccount)?.lamports ?? 0n;
  if (present === 0n) {
    invoke(
      context,
      getCreateAccountInstruction({
        payer: createNoopSigner(payer),
        newAccount: createNoopSigner(newAccount),
        lamports: rent,
        space,
        programAddress: owner,
      }),
    );
    return;
  }
  fundAllocateAssign(context, payer, newAccount, rent - present, space, owner);
};

/** Pays `lamports` (none when negative) into an address, then makes it an account of `owner`: three calls. */
export const fundAllocateAssign = (
  context: InvocationContext,
  payer: Address,
  newAccount: Address,
  lamports: bigint,
  space: number,
  owner: Address,
  onStep: (step: "allocate" | "assign") => void = () => undefined,
): void => {
  if (lamports > 0n) {
    invoke(
      context,
      getTransferSolInstruction({
        source: createNoopSigner(payer),
        destination: newAccount,
        amount: lamports,
      }),
    );
  }
  onStep("allocate");
  invoke(context, getAllocateInstruction({ newAccount: createNoopSigner(newAccount), space }));
  onStep("assign");
  invoke(context, getAssignInstruction({ account: createNoopSigner(newAccount), programAddress: owner }));
};
