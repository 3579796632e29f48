import type { AccountState, ExecutedTransaction } from "../ledger/transaction.ts";
import type { EmulatedProgram } from "./emulated-program.ts";
import { runEmulated } from "./emulation.ts";
import { type Engine, type SimulationChecks, TransactionRejected } from "./engine.ts";
import { transactionErrorText } from "./error-text.ts";
import { type AccountsAtOneMoment, readAccounts, readWritten, sameState, toExecuted } from "./executed.ts";
import { AIRDROP_MAX_LAMPORTS, createFaucet, FAUCET_LAMPORTS } from "./faucet.ts";
import { computeBudget } from "./fees.ts";
import { createMachine, type MachineRun } from "./machine.ts";
import { prepareNativeCalls } from "./native-call.ts";
import { type PreparedTransaction, prepareTransaction } from "./prepared-transaction.ts";
import { createRecentBlockhashes } from "./recent-blockhashes.ts";

const SYSTEM_PROGRAM = "11111111111111111111111111111111";
const UPGRADEABLE_LOADER = "BPFLoaderUpgradeab1e11111111111111111111111";
/** Account of a deployed program: the state tag 2 and the address of its code, 36 bytes, rent-exempt. */
const PROGRAM_ACCOUNT_BYTES = 36;
const PROGRAM_STATE_TAG = 2;
/** Slot hashes that programs can look up; on the live network 512. */
const SLOT_HASHES = 512;

export interface LitesvmEngineOptions {
  /** Programs that are emulated in JavaScript, by address. */
  readonly programs?: ReadonlyMap<string, EmulatedProgram>;
}

const reject = (error: string): TransactionRejected =>
  new TransactionRejected(transactionErrorText(error), error);

const emulatedProgramAccount = (lamports: bigint): AccountState => {
  const data = new Uint8Array(PROGRAM_ACCOUNT_BYTES);
  data[0] = PROGRAM_STATE_TAG;
  return { lamports, owner: UPGRADEABLE_LOADER, data, executable: true, rentEpoch: 2n ** 64n - 1n };
};

/**
 * An engine that executes transactions for real in litesvm, with the system, token, Token-2022, associated token,
 * memo and lookup table programs, and with the given programs emulated in JavaScript.
 * It starts without a valid blockhash: `beginSlot` brings the first.
 */
export const createLitesvmEngine = ({ programs = new Map() }: LitesvmEngineOptions = {}): Engine => {
  const machine = createMachine();
  prepareNativeCalls(machine);
  const blockhashes = createRecentBlockhashes();
  const faucet = createFaucet();
  const slotHashes: { slot: number; hash: string }[] = [];
  const programAccount = emulatedProgramAccount(machine.rentExemptLamports(PROGRAM_ACCOUNT_BYTES));
  let slot = 0;

  const accountOf = (address: string): AccountState | null =>
    programs.has(address) ? programAccount : machine.account(address);

  const checkBlockhash = (prepared: PreparedTransaction): void => {
    const { recentBlockhash } = prepared.transaction.message;
    if (!blockhashes.has(recentBlockhash)) throw reject("BlockhashNotFound");
    if (blockhashes.wasProcessed(recentBlockhash, prepared.signature)) throw reject("AlreadyProcessed");
  };

  const undo = (keys: readonly string[], { states }: AccountsAtOneMoment): void => {
    keys.forEach((key, index) => {
      const was = states[index] ?? null;
      if (!programs.has(key) && !sameState(was, machine.account(key))) machine.setAccount(key, was);
    });
  };

  /** The machine charges the fee itself, checks the payer, and undoes what a failed transaction did. */
  const runInMachine = (prepared: PreparedTransaction, before: AccountsAtOneMoment): MachineRun => {
    const run = machine.run(prepared.wire, prepared.version);
    const charged = (before.states[0]?.lamports ?? 0n) !== machine.lamports(prepared.keys[0] ?? "");
    if (run.error !== null && !charged) {
      throw new TransactionRejected(transactionErrorText(run.error), run.error);
    }
    return run;
  };

  const runWithEmulation = (
    prepared: PreparedTransaction,
    before: AccountsAtOneMoment,
    budget: { readonly fee: number; readonly unitLimit: number },
  ): MachineRun => {
    const payer = before.states[0];
    if (!payer) throw reject("AccountNotFound");
    if (payer.owner !== SYSTEM_PROGRAM) throw reject("InvalidAccountForFee");
    const lamports = payer.lamports - BigInt(budget.fee);
    if (lamports < 0n) throw reject("InsufficientFundsForFee");
    const payFee = (): void => machine.setAccount(prepared.keys[0] ?? "", { ...payer, lamports });
    payFee();
    try {
      const run = runEmulated(prepared, { machine, programs, accountOf, unitLimit: budget.unitLimit });
      if (run.error === null) return run;
      undo(prepared.keys, before);
      payFee();
      return run;
    } catch (error) {
      undo(prepared.keys, before);
      throw error;
    }
  };

  const run = (prepared: PreparedTransaction) => {
    const before = readAccounts(prepared.keys, accountOf);
    const { message } = prepared.transaction;
    const budget = computeBudget(message);
    const emulated = message.instructions.some(({ programIdIndex }) =>
      programs.has(prepared.keys[programIdIndex] ?? ""),
    );
    const result = emulated ? runWithEmulation(prepared, before, budget) : runInMachine(prepared, before);
    const after = readWritten(prepared, before, accountOf);
    return { before, executed: toExecuted(prepared, result, before, after, budget.fee) };
  };

  const execute = (wire: Uint8Array): ExecutedTransaction => {
    const prepared = prepareTransaction(wire, accountOf, slot, true);
    checkBlockhash(prepared);
    const { executed } = run(prepared);
    blockhashes.recordProcessed(prepared.transaction.message.recentBlockhash, prepared.signature);
    return executed;
  };

  const simulate = (wire: Uint8Array, checks: SimulationChecks = {}): ExecutedTransaction => {
    const prepared = prepareTransaction(wire, accountOf, slot, checks.signatures ?? true);
    if (checks.blockhash ?? true) checkBlockhash(prepared);
    const { before, executed } = run(prepared);
    undo(prepared.keys, before);
    return executed;
  };

  const refillFaucet = (): void =>
    machine.setAccount(faucet.address, {
      lamports: FAUCET_LAMPORTS,
      owner: SYSTEM_PROGRAM,
      data: new Uint8Array(),
      executable: false,
      rentEpoch: 0n,
    });

  return {
    execute,
    simulate,
    account: accountOf,
    accountsOwnedBy: machine.accountsOwnedBy,
    setAccount: machine.setAccount,
    latestBlockhash: blockhashes.latest,
    isBlockhashValid: blockhashes.has,
    rentExemptLamports: machine.rentExemptLamports,
    airdrop: (address, lamports) => {
      if (lamports > AIRDROP_MAX_LAMPORTS) {
        throw new TransactionRejected(
          `An airdrop is at most ${AIRDROP_MAX_LAMPORTS} lamports`,
          "InsufficientFundsForFee",
        );
      }
      const faucetLamports = machine.account(faucet.address)?.lamports ?? 0n;
      if (faucetLamports < AIRDROP_MAX_LAMPORTS + lamports) refillFaucet();
      return execute(faucet.airdrop(address, lamports, blockhashes.latest()));
    },
    rollback: (lost) => {
      for (const [address, state] of lost.accounts) {
        if (!programs.has(address)) machine.setAccount(address, state);
      }
      blockhashes.forget(lost.blockhashes, lost.transactions);
      const kept = slotHashes.findIndex((entry) => entry.slot < lost.base);
      slotHashes.splice(0, kept < 0 ? slotHashes.length : kept);
    },
    beginSlot: (next) => {
      slot = next.slot;
      blockhashes.add(next.parent.blockhash);
      slotHashes.unshift({ slot: next.parent.slot, hash: next.parent.blockhash });
      slotHashes.length = Math.min(slotHashes.length, SLOT_HASHES);
      machine.setSlotHashes(slotHashes);
      machine.setClock(next.slot, next.unixTimestamp);
    },
  };
};
