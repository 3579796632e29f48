import type { Address } from "@solana/kit";
import type { InvocationContext } from "../engine/emulated-program.ts";
import type { AccountState } from "../ledger/transaction.ts";
import { RENT_SYSVAR_ADDRESS, SYSTEM_PROGRAM_ADDRESS, TOKEN_PROGRAM_ADDRESS } from "./addresses.ts";
import { failAccount, failInstruction } from "./anchor-error.ts";

/** An account of the instruction under the name that the program's account list gives it. */
export interface NamedAccount {
  readonly name: string;
  readonly address: Address;
  readonly signer: boolean;
  readonly writable: boolean;
}

/**
 * Names the instruction's accounts in order; more than are named are ignored, as Anchor does. Fails with
 * `AccountNotEnoughKeys` when there are fewer.
 */
export const nameAccounts = <const Names extends readonly string[]>(
  context: InvocationContext,
  names: Names,
): Record<Names[number], NamedAccount> => {
  const entries = names.map((name, index) => {
    const account = context.accounts[index] ?? failInstruction(context, "AccountNotEnoughKeys");
    return [name, { ...account, name, address: account.address as Address }];
  });
  return Object.fromEntries(entries) as Record<Names[number], NamedAccount>;
};

export const requireSigner = (context: InvocationContext, account: NamedAccount): void => {
  if (!account.signer) failAccount(context, "AccountNotSigner", account.name);
};

export const requireWritable = (context: InvocationContext, account: NamedAccount): void => {
  if (!account.writable) failAccount(context, "ConstraintMut", account.name);
};

export const requireProgram = (
  context: InvocationContext,
  account: NamedAccount,
  programId: string,
): void => {
  if (account.address !== programId) {
    failAccount(context, "InvalidProgramId", account.name, [account.address, programId]);
  }
};

export const requireRentSysvar = (context: InvocationContext, account: NamedAccount): void => {
  if (account.address !== RENT_SYSVAR_ADDRESS) failAccount(context, "AccountSysvarMismatch", account.name);
};

/** The address has to be the one that the program's seeds give. */
export const requireSeeds = (context: InvocationContext, account: NamedAccount, expected: Address): void => {
  if (account.address !== expected) {
    failAccount(context, "ConstraintSeeds", account.name, [account.address, expected]);
  }
};

/** The account's state, which has to exist and to belong to `owner`. */
export const requireOwned = (
  context: InvocationContext,
  account: NamedAccount,
  owner: string,
): AccountState => {
  const state = context.account(account.address);
  if (state === null || (state.owner === SYSTEM_PROGRAM_ADDRESS && state.lamports === 0n)) {
    failAccount(context, "AccountNotInitialized", account.name);
  }
  if (state.owner !== owner) {
    failAccount(context, "AccountOwnedByWrongProgram", account.name, [state.owner, owner]);
  }
  return state;
};

/** The account has to be one of the SPL Token program. */
export const requireTokenOwned = (context: InvocationContext, account: NamedAccount): AccountState =>
  requireOwned(context, account, TOKEN_PROGRAM_ADDRESS);
