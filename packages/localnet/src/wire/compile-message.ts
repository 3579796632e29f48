import type { JsonTransaction } from "../ledger/transaction.ts";
import { toBase58 } from "./base58.ts";

/** An instruction before it is compiled: accounts by address, with what it may do with them. */
interface NamedInstruction {
  readonly programId: string;
  readonly accounts: readonly {
    readonly address: string;
    readonly signer: boolean;
    readonly writable: boolean;
  }[];
  readonly data: Uint8Array;
}

interface Role {
  signer: boolean;
  writable: boolean;
}

/**
 * Compiles instructions into the message of one transaction: the payer first, then signers before others, and writable
 * accounts before read-only ones, each kind in the order in which it is named.
 */
export const compileMessage = (
  payer: string,
  instructions: readonly NamedInstruction[],
  recentBlockhash: string,
): JsonTransaction["message"] => {
  const roles = new Map<string, Role>([[payer, { signer: true, writable: true }]]);
  const name = (address: string, signer: boolean, writable: boolean): void => {
    const role = roles.get(address);
    if (role === undefined) roles.set(address, { signer, writable });
    else {
      role.signer ||= signer;
      role.writable ||= writable;
    }
  };
  for (const { programId, accounts } of instructions) {
    for (const { address, signer, writable } of accounts) name(address, signer, writable);
    name(programId, false, false);
  }
  const named = (signer: boolean, writable: boolean): string[] =>
    [...roles].flatMap(([address, role]) =>
      role.signer === signer && role.writable === writable ? [address] : [],
    );
  const signedReadonly = named(true, false);
  const unsignedReadonly = named(false, false);
  const signed = [...named(true, true), ...signedReadonly];
  const accountKeys = [...signed, ...named(false, true), ...unsignedReadonly];
  const indexes = new Map(accountKeys.map((key, index) => [key, index]));
  const indexOf = (address: string): number => indexes.get(address) ?? 0;
  return {
    header: {
      numRequiredSignatures: signed.length,
      numReadonlySignedAccounts: signedReadonly.length,
      numReadonlyUnsignedAccounts: unsignedReadonly.length,
    },
    accountKeys,
    recentBlockhash,
    instructions: instructions.map(({ programId, accounts, data }) => ({
      programIdIndex: indexOf(programId),
      accounts: accounts.map(({ address }) => indexOf(address)),
      data: toBase58(data),
    })),
  };
};
