import type { DecodedInstruction } from "@commcoin/protocol";

/** Where decoders of programs put what they decoded, in order. */
export interface InstructionSink {
  /** Number of instructions so far. */
  readonly length: number;
  /**
   * @param amount what the instruction moves, in base units or lamports; null when it moves none or does not say
   * how much.
   */
  add(instruction: DecodedInstruction, amount: bigint | null): void;
}

/** An instruction of a program that is known, which itself is not, or is malformed. */
export const unknownInstruction = (programId: string): DecodedInstruction => ({
  program_id: programId,
  kind: "unknown",
});
