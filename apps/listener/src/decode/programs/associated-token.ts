import type { InstructionCursor } from "../instruction-cursor.ts";
import { layout, readLayout, type InstructionLayout } from "../instruction-layout.ts";
import { unknownInstruction, type InstructionSink } from "../instruction-sink.ts";
import type { KnownMints } from "../known-mints.ts";

const CREATE = layout("create", "source account wallet mint");

/**
 * Instructions of the Associated Token Account program, by first byte; data without any byte means `create`
 * (https://github.com/solana-program/associated-token-account/blob/main/interface/src/instruction.rs).
 */
const LAYOUTS: readonly InstructionLayout[] = [
  CREATE,
  layout("create_idempotent", "source account wallet mint"),
  layout("recover_nested", "nested_source nested_mint destination nested_owner owner_mint wallet"),
];

export function decodeAssociatedTokenInstruction(
  cursor: InstructionCursor,
  programId: string,
  mints: KnownMints,
  sink: InstructionSink,
): void {
  const layout = cursor.left === 0 ? CREATE : LAYOUTS[cursor.u8()];
  const read = layout === undefined || !cursor.ok ? null : readLayout(cursor, programId, layout);
  if (read === null) {
    sink.add(unknownInstruction(programId), null);
    return;
  }
  const { account, mint } = read.instruction;
  if (typeof account === "string" && typeof mint === "string") mints.learnAccount(account, mint);
  sink.add(read.instruction, null);
}
