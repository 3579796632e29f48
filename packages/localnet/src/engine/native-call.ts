import { addressBytes, toBase58 } from "../wire/base58.ts";
import { compileMessage } from "../wire/compile-message.ts";
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

/**
 * Runs one instruction for real, with whatever signers it names, as a transaction of its own.
 * @returns its result, and the keys that the indexes in it refer to.
 */
export const runNativeCall = (
  machine: Machine,
  instruction: ProgramInstruction,
): MachineRun & { readonly keys: readonly string[] } => {
  for (const { address } of instruction.accounts) addressBytes(address);
  const message = compileMessage(CALL_PAYER, [instruction], NO_BLOCKHASH);
  const signatures = Array.from({ length: message.header.numRequiredSignatures }, () => NO_SIGNATURE);
  const run = machine.run(encodeTransaction({ signatures, message }, "legacy"), "legacy");
  return { ...run, keys: message.accountKeys };
};
