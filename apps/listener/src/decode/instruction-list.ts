import type { DecodedInstruction } from "@commcoin/protocol";
import type { InstructionSink } from "./instruction-sink.ts";
import type { RequestedTrade } from "./programs/commcoin.ts";

/** A `buy` or `sell` at its place in the list. */
export interface ListedTrade extends RequestedTrade {
  readonly n: number;
}

/** No trade called it. */
export const NO_TRADE = -1;

/**
 * The decoded instructions of one transaction, with what attributing trades needs beside them: the amount that
 * each moves, and which trade called it.
 */
export class InstructionList implements InstructionSink {
  readonly instructions: DecodedInstruction[] = [];
  readonly trades: ListedTrade[] = [];
  /** By place in `instructions`: base units or lamports. */
  readonly amounts: (bigint | null)[] = [];
  /** By place in `instructions`: the index in `trades` of the innermost trade that runs it, or NO_TRADE. */
  readonly callers: number[] = [];
  /** The trades that are running, by index in `trades`, with the stack height of each. */
  readonly #running: { readonly trade: number; readonly height: number }[] = [];

  get length(): number {
    return this.instructions.length;
  }

  /** Tells that an instruction at this height runs now: trades at that height or above it are over. */
  enter(height: number): void {
    while ((this.#running.at(-1)?.height ?? 0) >= height) this.#running.pop();
  }

  add(instruction: DecodedInstruction, amount: bigint | null): void {
    this.instructions.push(instruction);
    this.amounts.push(amount);
    this.callers.push(this.#running.at(-1)?.trade ?? NO_TRADE);
  }

  addTrade(trade: RequestedTrade, height: number): void {
    this.add(trade.instruction, null);
    this.#running.push({ trade: this.trades.length, height });
    this.trades.push({ ...trade, n: this.instructions.length - 1 });
  }
}
