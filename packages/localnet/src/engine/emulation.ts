import type { AccountState, TransactionError } from "../ledger/transaction.ts";
import { fromBase58 } from "../wire/base58.ts";
import { checkAccountWrite, lamportsOf } from "./account-rules.ts";
import {
  type EmulatedProgram,
  InstructionFailed,
  type InvocationContext,
  type ProgramInstruction,
} from "./emulated-program.ts";
import { instructionErrorText } from "./error-text.ts";
import type { InnerCall, Machine, MachineRun } from "./machine.ts";
import { runNativeCall } from "./native-call.ts";
import type { PreparedTransaction } from "./prepared-transaction.ts";
import { createLogCollector, nestedLogs } from "./program-logs.ts";

/** Deepest stack of calls, the top-level instruction included. */
const MAX_STACK_HEIGHT = 5;
/** What a cross-program call costs by itself. */
const CALL_UNITS = 1_000;

/** A transaction that failed as a whole, not in one instruction. */
class TransactionFailed extends Error {
  readonly error: TransactionError;

  constructor(error: TransactionError) {
    super(JSON.stringify(error));
    this.error = error;
  }
}

interface EmulationOptions {
  readonly machine: Machine;
  readonly programs: ReadonlyMap<string, EmulatedProgram>;
  readonly accountOf: (address: string) => AccountState | null;
  readonly unitLimit: number;
}

/**
 * Runs a transaction instruction by instruction, emulated programs in JavaScript and all others in the machine, and
 * puts together what the runtime would have reported of it. Changes stay in the machine also when it fails: the
 * caller undoes them.
 */
export const runEmulated = (
  prepared: PreparedTransaction,
  { machine, programs, accountOf, unitLimit }: EmulationOptions,
): MachineRun => {
  const { keys } = prepared;
  const indexOf = new Map(keys.map((key, index) => [key, index]));
  const logs = createLogCollector();
  let units = unitLimit;
  let returnData: MachineRun["returnData"] = null;
  let calls: InnerCall[] = [];

  const lamportsAt = (address: string): bigint =>
    programs.has(address) ? (accountOf(address)?.lamports ?? 0n) : machine.lamports(address);
  const consume = (amount: number): void => {
    units -= amount;
    if (units >= 0) return;
    units = 0;
    throw new InstructionFailed("ComputationalBudgetExceeded");
  };
  const keyIndex = (address: string): number => {
    const index = indexOf.get(address);
    if (index === undefined) throw new InstructionFailed("MissingAccount");
    return index;
  };

  const runNative = (instruction: ProgramInstruction, stackHeight: number): void => {
    const run = runNativeCall(machine, instruction);
    for (const line of nestedLogs(run.logs, stackHeight, units)) logs.add(line);
    const outerIndex = (index: number): number => keyIndex(run.keys[index] ?? "");
    for (const call of run.innerCalls.flat()) {
      calls.push({
        programIdIndex: outerIndex(call.programIdIndex),
        accounts: call.accounts.map(outerIndex),
        data: call.data,
        stackHeight: call.stackHeight + stackHeight - 1,
      });
    }
    returnData = run.returnData;
    consume(run.computeUnits);
    if (run.error !== null) throw failureOf(run.error, outerIndex);
  };

  const runProgram = (
    program: EmulatedProgram,
    instruction: ProgramInstruction,
    stackHeight: number,
  ): void => {
    const { programId } = instruction;
    const unitsBefore = units;
    const lamportsBefore = lamportsOf(instruction, lamportsAt);
    const report = (outcome: string): void => {
      logs.add(`Program ${programId} consumed ${unitsBefore - units} of ${unitsBefore} compute units`);
      logs.add(`Program ${programId} ${outcome}`);
    };
    logs.add(`Program ${programId} invoke [${stackHeight}]`);
    returnData = null;
    try {
      program(contextOf(instruction, stackHeight));
      if (lamportsOf(instruction, lamportsAt) !== lamportsBefore) {
        throw new InstructionFailed("UnbalancedInstruction");
      }
    } catch (error) {
      if (error instanceof InstructionFailed) report(`failed: ${instructionErrorText(error.error)}`);
      throw error;
    }
    report("success");
  };

  const run = (instruction: ProgramInstruction, stackHeight: number): void => {
    const program = programs.get(instruction.programId);
    if (program) runProgram(program, instruction, stackHeight);
    else runNative(instruction, stackHeight);
  };

  const contextOf = (instruction: ProgramInstruction, stackHeight: number): InvocationContext => ({
    ...instruction,
    stackHeight,
    account: accountOf,
    setAccount: (address, state) => {
      checkAccountWrite(instruction, address, accountOf(address), state);
      machine.setAccount(address, state);
    },
    log: (message) => logs.add(`Program log: ${message}`),
    logData: (...fields) =>
      logs.add(`Program data: ${fields.map((field) => Buffer.from(field).toString("base64")).join(" ")}`),
    invoke: (called) => {
      if (stackHeight >= MAX_STACK_HEIGHT) throw new InstructionFailed("CallDepth");
      consume(CALL_UNITS);
      calls.push({
        programIdIndex: keyIndex(called.programId),
        accounts: called.accounts.map(({ address }) => keyIndex(address)),
        data: called.data,
        stackHeight: stackHeight + 1,
      });
      run(called, stackHeight + 1);
    },
    consume,
    rentExemptLamports: machine.rentExemptLamports,
    fail: (error) => {
      throw new InstructionFailed(typeof error === "number" ? { Custom: error } : error);
    },
  });

  const innerCalls: InnerCall[][] = [];
  const result = (error: TransactionError | null): MachineRun => ({
    error,
    logs: logs.lines,
    innerCalls,
    computeUnits: unitLimit - units,
    returnData,
  });
  for (const [index, compiled] of prepared.transaction.message.instructions.entries()) {
    calls = [];
    innerCalls.push(calls);
    try {
      run(
        {
          programId: keys[compiled.programIdIndex] ?? "",
          accounts: compiled.accounts.map((account) => ({
            address: keys[account] ?? "",
            signer: prepared.isSigner(account),
            writable: prepared.isWritable(account),
          })),
          data: fromBase58(compiled.data),
        },
        1,
      );
    } catch (error) {
      if (error instanceof InstructionFailed) return result({ InstructionError: [index, error.error] });
      if (error instanceof TransactionFailed) return result(error.error);
      throw error;
    }
  }
  return result(null);
};

/** The failure of a call that ran as a transaction of its own, seen from the transaction that called. */
const failureOf = (error: TransactionError, outerIndex: (index: number) => number): Error => {
  if (typeof error === "string") {
    return error === "ProgramAccountNotFound" || error === "InvalidProgramForExecution"
      ? new InstructionFailed("UnsupportedProgramId")
      : new TransactionFailed(error);
  }
  if (Array.isArray(error["InstructionError"])) {
    return new InstructionFailed((error["InstructionError"] as [number, TransactionError])[1]);
  }
  const rent = error["InsufficientFundsForRent"];
  if (typeof rent === "object" && rent !== null && "account_index" in rent) {
    return new TransactionFailed({
      InsufficientFundsForRent: { account_index: outerIndex(Number(rent.account_index)) },
    });
  }
  return new TransactionFailed(error);
};
