import internal from "litesvm/dist/internal.js";
import type { FailedTransactionMetadata, TransactionMetadata } from "litesvm/dist/internal.js";
import type { AccountState, TransactionError } from "../ledger/transaction.ts";
import { addressBytes, addressText } from "../wire/base58.ts";
import { INSTRUCTION_ERRORS, TRANSACTION_ERRORS } from "./error-names.ts";

/** An instruction that a program called, with indexes into the keys of the transaction that was run. */
export interface InnerCall {
  readonly programIdIndex: number;
  readonly accounts: readonly number[];
  readonly data: Uint8Array;
  readonly stackHeight: number;
}

export interface MachineRun {
  readonly error: TransactionError | null;
  readonly logs: readonly string[];
  /** One list for each top-level instruction. */
  readonly innerCalls: readonly (readonly InnerCall[])[];
  readonly computeUnits: number;
  readonly returnData: { readonly programId: string; readonly data: Uint8Array } | null;
}

/** Logs of one transaction are cut after this many bytes, as on the live network. */
export const LOG_LIMIT_BYTES = 10_000;

/** Rent-exempt accounts, the only ones since 2022, have this rent epoch. */
const RENT_EPOCH_EXEMPT = 18_446_744_073_709_551_615n;
const SYSTEM_PROGRAM = "11111111111111111111111111111111";

type Failure = ReturnType<FailedTransactionMetadata["err"]>;

const errorJson = (failure: Failure): TransactionError => {
  if (typeof failure === "number") return TRANSACTION_ERRORS[failure]?.[0] ?? `Unknown${failure}`;
  if ("err" in failure) {
    const cause = failure.err();
    if (typeof cause === "number") {
      return { InstructionError: [failure.index, INSTRUCTION_ERRORS[cause]?.[0] ?? "GenericError"] };
    }
    return { InstructionError: [failure.index, "code" in cause ? { Custom: cause.code } : "BorshIoError"] };
  }
  if ("accountIndex" in failure) {
    const name =
      failure instanceof internal.TransactionErrorInsufficientFundsForRent
        ? "InsufficientFundsForRent"
        : "ProgramExecutionTemporarilyRestricted";
    return { [name]: { account_index: failure.accountIndex } };
  }
  return { DuplicateInstruction: failure.index };
};

const readRun = (error: TransactionError | null, meta: TransactionMetadata): MachineRun => {
  const returned = meta.returnData();
  const data = returned.data();
  return {
    error,
    logs: meta.logs(),
    innerCalls: meta.innerInstructions().map((calls) =>
      calls.map((call) => {
        const instruction = call.instruction();
        return {
          programIdIndex: instruction.programIdIndex(),
          accounts: [...instruction.accounts()],
          data: new Uint8Array(instruction.data()),
          stackHeight: call.stackHeight(),
        };
      }),
    ),
    computeUnits: Number(meta.computeUnitsConsumed()),
    returnData: data.length === 0 ? null : { programId: addressText(returned.programId()), data },
  };
};

/**
 * The virtual machine, over litesvm's native binding: its public wrapper spends twenty times longer in address codecs
 * than the account read itself takes. Checks of signatures, blockhashes and duplicates are off here: the engine does
 * them, because a call of an emulated program runs as a transaction of its own, which nobody signed.
 */
export const createMachine = () => {
  const svm = new internal.LiteSvm();
  svm.setSigverify(false);
  svm.setBlockhashCheck(false);
  svm.setTransactionHistory(0n);
  svm.setLogBytesLimit(BigInt(LOG_LIMIT_BYTES));

  const toState = (account: InstanceType<typeof internal.Account>): AccountState => ({
    lamports: account.lamports(),
    owner: addressText(account.owner()),
    data: new Uint8Array(account.data()),
    executable: account.executable(),
    rentEpoch: RENT_EPOCH_EXEMPT,
  });

  return {
    account: (address: string): AccountState | null => {
      const account = svm.getAccount(addressBytes(address));
      return account === null || account.lamports() === 0n ? null : toState(account);
    },
    /** Lamports of an account, without reading the rest of it. */
    lamports: (address: string): bigint => svm.getBalance(addressBytes(address)) ?? 0n,
    /** Overwrites an account without any check; null removes it. */
    setAccount: (address: string, state: AccountState | null): void => {
      svm.setAccount(
        addressBytes(address),
        new internal.Account(
          state?.lamports ?? 0n,
          state?.data ?? new Uint8Array(),
          addressBytes(state?.owner ?? SYSTEM_PROGRAM),
          state?.executable ?? false,
          state ? RENT_EPOCH_EXEMPT : 0n,
        ),
      );
    },
    accountsOwnedBy: (programId: string): ReadonlyMap<string, AccountState> =>
      new Map(
        svm
          .getProgramAccounts(addressBytes(programId))
          .map((entry) => [addressText(entry.address), toState(entry.account())]),
      ),
    run: (wire: Uint8Array, version: "legacy" | 0): MachineRun => {
      const result =
        version === "legacy" ? svm.sendLegacyTransaction(wire) : svm.sendVersionedTransaction(wire);
      return "err" in result ? readRun(errorJson(result.err()), result.meta()) : readRun(null, result);
    },
    setClock: (slot: number, unixTimestamp: number): void => {
      const clock = svm.getClock();
      clock.slot = BigInt(slot);
      clock.unixTimestamp = BigInt(unixTimestamp);
      svm.setClock(clock);
    },
    setSlotHashes: (hashes: readonly { readonly slot: number; readonly hash: string }[]): void => {
      svm.setSlotHashes(hashes.map(({ slot, hash }) => ({ slot: BigInt(slot), hash })));
    },
    rentExemptLamports: (bytes: number): bigint => svm.minimumBalanceForRentExemption(BigInt(bytes)),
  };
};

export type Machine = ReturnType<typeof createMachine>;
