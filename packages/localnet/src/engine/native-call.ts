import type { JsonTransaction } from "../ledger/transaction.ts";
import { addressBytes, toBase58 } from "../wire/base58.ts";
import { encodeTransaction } from "../wire/transaction.ts";
import type { ProgramInstruction } from "./emulated-program.ts";
import type { Machine, MachineRun } from "./machine.ts";

/** Pays the fees of calls that run as transactions of their own; no transaction can name it. */
const CALL_PAYER = toBase58(new TextEncoder().encode("commcoin localnet pays for calls").slice(0, 32));
const SYSTEM_PROGRAM = "11111111111111111111111111111111";
const CALL_PAYER_LAMPORTS = 1_000_000_000_000_000_000n;
const NO_BLOCKHASH = SYSTEM_PROGRAM;
const NO_SIGNATURE = toBase58(new Uint8Array(64));

/** Lets the machine run single instructions on behalf of emulated programs. */
export const prepareNativeCalls = (machine: Machine): void => {
  machine.setAccount(CALL_PAYER, {
    lamports: CALL_PAYER_LAMPORTS,
    owner: SYSTEM_PROGRAM,
    data: new Uint8Array(),
    executable: false,
    rentEpoch: 0n,
  });
};

const compile = ({ programId, accounts, data }: ProgramInstruction): JsonTransaction => {
  const roles = new Map<string, { signer: boolean; writable: boolean }>();
  for (const { address, signer, writable } of accounts) {
    const role = roles.get(address);
    roles.set(address, {
      signer: signer || (role?.signer ?? false),
      writable: writable || (role?.writable ?? false),
    });
  }
  if (!roles.has(programId)) roles.set(programId, { signer: false, writable: false });
  const named = (signer: boolean, writable: boolean): string[] =>
    [...roles]
      .filter(([, role]) => role.signer === signer && role.writable === writable)
      .map(([address]) => address);
  const groups = [
    [CALL_PAYER, ...named(true, true)],
    named(true, false),
    named(false, true),
    named(false, false),
  ];
  const accountKeys = groups.flat();
  const indexOf = new Map(accountKeys.map((key, index) => [key, index]));
  const [signedWritable = [], signedReadonly = [], , unsignedReadonly = []] = groups;
  const numRequiredSignatures = signedWritable.length + signedReadonly.length;
  return {
    signatures: Array.from({ length: numRequiredSignatures }, () => NO_SIGNATURE),
    message: {
      header: {
        numRequiredSignatures,
        numReadonlySignedAccounts: signedReadonly.length,
        numReadonlyUnsignedAccounts: unsignedReadonly.length,
      },
      accountKeys,
      recentBlockhash: NO_BLOCKHASH,
      instructions: [
        {
          programIdIndex: indexOf.get(programId) ?? 0,
          accounts: accounts.map(({ address }) => indexOf.get(address) ?? 0),
          data: toBase58(data),
        },
      ],
    },
  };
};

/**
 * Runs one instruction for real, with whatever signers it names, as a transaction of its own.
 * @returns its result, and the keys that the indexes in it refer to.
 */
export const runNativeCall = (
  machine: Machine,
  instruction: ProgramInstruction,
): MachineRun & { readonly keys: readonly string[] } => {
  for (const { address } of instruction.accounts) addressBytes(address);
  const transaction = compile(instruction);
  const run = machine.run(encodeTransaction(transaction, "legacy"), "legacy");
  return { ...run, keys: transaction.message.accountKeys };
};
