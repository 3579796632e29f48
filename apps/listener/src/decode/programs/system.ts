import type { InstructionCursor } from "../instruction-cursor.ts";
import { layout, readLayout, type InstructionLayout } from "../instruction-layout.ts";
import { unknownInstruction, type InstructionSink } from "../instruction-sink.ts";

/**
 * Instructions of the System program, by the u32 in front
 * (https://github.com/solana-program/system/blob/main/interface/src/instruction.rs).
 */
const LAYOUTS: readonly InstructionLayout[] = [
  layout("create_account", "source new_account", { sol_amount: "sol", space: "u64", owner: "address" }),
  layout("assign", "account", { owner: "address" }),
  layout("transfer", "source destination", { sol_amount: "sol" }),
  layout("create_account_with_seed", "source new_account", {
    base: "address",
    seed: "seed",
    sol_amount: "sol",
    space: "u64",
    owner: "address",
  }),
  layout("advance_nonce", "nonce_account - nonce_authority"),
  layout("withdraw_from_nonce", "nonce_account destination - - nonce_authority", { sol_amount: "sol" }),
  layout("initialize_nonce", "nonce_account", { nonce_authority: "address" }),
  layout("authorize_nonce", "nonce_account nonce_authority", { new_authorized: "address" }),
  layout("allocate", "account", { space: "u64" }),
  layout("allocate_with_seed", "account", { base: "address", seed: "seed", space: "u64", owner: "address" }),
  layout("assign_with_seed", "account", { base: "address", seed: "seed", owner: "address" }),
  layout("transfer_with_seed", "source source_base destination", {
    sol_amount: "sol",
    source_seed: "seed",
    source_owner: "address",
  }),
  layout("upgrade_nonce", "nonce_account"),
  // SIMD-0312. Its payer may be left out when no lamports are added.
  layout(
    "create_account_allow_prefund",
    "new_account",
    { sol_amount: "sol", space: "u64", owner: "address" },
    { others: "sources" },
  ),
];

export function decodeSystemInstruction(
  cursor: InstructionCursor,
  programId: string,
  sink: InstructionSink,
): void {
  const layout = LAYOUTS[cursor.u32()];
  const read = layout === undefined || !cursor.ok ? null : readLayout(cursor, programId, layout);
  if (read === null) sink.add(unknownInstruction(programId), null);
  else sink.add(read.instruction, read.amount);
}
