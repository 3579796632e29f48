import type { AccountState, TransactionError } from "../ledger/transaction.ts";

/** An account as an instruction names it: in the order that the program expects, with what it may do. */
export interface InstructionAccount {
  readonly address: string;
  readonly signer: boolean;
  readonly writable: boolean;
}

export interface ProgramInstruction {
  readonly programId: string;
  readonly accounts: readonly InstructionAccount[];
  readonly data: Uint8Array;
}

/** What a program sees and may do while one of its instructions runs. */
export interface InvocationContext extends ProgramInstruction {
  /** 1 for a top-level instruction, one more for each call in between. */
  readonly stackHeight: number;
  /** The account's state at this moment of the transaction; null when it does not exist. */
  account(address: string): AccountState | null;
  /**
   * Writes an account of this instruction; null closes it. The runtime's rules hold: the account is writable, only
   * its owner changes data or takes lamports, and the lamports of all accounts add up to the same sum at the end of
   * the instruction. A program may not create an account of its own: `invoke` the system program for that.
   */
  setAccount(address: string, state: AccountState | null): void;
  /** Writes `Program log: <message>`. */
  log(message: string): void;
  /** Writes `Program data: <base64> …`, as Anchor events do. */
  logData(...fields: readonly Uint8Array[]): void;
  /**
   * Calls another program, native or emulated, and records the call as an inner instruction with its logs.
   * Any account may be marked as a signer (a derived address signs that way), but every account and the program
   * itself must be among those of the transaction. A failure of the called program ends the transaction: let what
   * is thrown pass.
   */
  invoke(instruction: ProgramInstruction): void;
  /** Takes compute units from the transaction's budget; it fails when they are used up. */
  consume(units: number): void;
  /** Lamports that keep an account with `bytes` of data alive. */
  rentExemptLamports(bytes: number): bigint;
  /** Ends the instruction with a custom error code, or with a named error as agave spells it ("InvalidArgument"). */
  fail(error: number | string): never;
}

/**
 * A program whose code the virtual machine does not have, written in JavaScript. Returns when the instruction
 * succeeded; fails through `context.fail`. Anything else it throws is a defect of the emulation and is passed on.
 */
export type EmulatedProgram = (context: InvocationContext) => void;

/** Thrown by a failing instruction, caught by the engine, which undoes the transaction. */
export class InstructionFailed extends Error {
  /** Second member of `InstructionError`: a name such as "InvalidArgument", or `{ Custom: code }`. */
  readonly error: TransactionError;

  constructor(error: TransactionError) {
    super(`Instruction failed: ${JSON.stringify(error)}`);
    this.name = "InstructionFailed";
    this.error = error;
  }
}
