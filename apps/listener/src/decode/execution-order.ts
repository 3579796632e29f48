import type { RawInstruction, RawTransaction } from "./raw-transaction.ts";

/**
 * Calls `visit` for every instruction in execution order, inner ones behind the one that called them.
 * @param visit gets the height of the call stack, 1 for the transaction's own instructions; null when the node did
 * not report it for an inner one.
 */
export function walkInstructions(
  { instructions, innerInstructions }: RawTransaction,
  visit: (instruction: RawInstruction, stackHeight: number | null) => void,
): void {
  let next = 0;
  for (let index = 0; index < instructions.length; index++) {
    const outer = instructions[index];
    if (outer !== undefined) visit(outer, 1);
    const inner = innerInstructions[next];
    if (inner?.index !== index) continue;
    next++;
    for (const instruction of inner.instructions) visit(instruction, instruction.stackHeight);
  }
}
