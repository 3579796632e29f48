import type { InstructionCursor } from "../instruction-cursor.ts";
import { layout, readLayout, type InstructionLayout } from "../instruction-layout.ts";
import { unknownInstruction, type InstructionSink } from "../instruction-sink.ts";

const NAMES = { name: "string", symbol: "string", uri: "string" } as const;

/**
 * Instructions of Metaplex Token Metadata that write a name
 * (https://github.com/metaplex-foundation/mpl-token-metadata/blob/main/programs/token-metadata/program/src/instruction/mod.rs).
 */
const NAMING: ReadonlyMap<number, InstructionLayout> = new Map([
  [0, layout("create_metadata_account", "metadata mint", NAMES)],
  [16, layout("create_metadata_account_v2", "metadata mint", NAMES)],
  [33, layout("create_metadata_account_v3", "metadata mint", NAMES)],
]);

const CREATE = layout("create", "metadata - mint", NAMES);
const CREATE_TAG = 42;
/** `CreateArgs::V1`, the only one. */
const CREATE_ARGS_V1 = 0;

/** The others, by first byte, of which only the kind is reported. */
const KINDS: ReadonlyMap<number, string> = new Map([
  [1, "update_metadata_account"],
  [4, "update_primary_sale_happened_via_token"],
  [7, "sign_metadata"],
  [10, "create_master_edition"],
  [11, "mint_new_edition_from_master_edition_via_token"],
  [15, "update_metadata_account_v2"],
  [17, "create_master_edition_v3"],
  [18, "verify_collection"],
  [25, "set_and_verify_collection"],
  [28, "remove_creator_verification"],
  [29, "burn_nft"],
  [30, "verify_sized_collection_item"],
  [32, "set_and_verify_sized_collection_item"],
  [34, "set_collection_size"],
  [35, "set_token_standard"],
  [36, "bubblegum_set_collection_size"],
  [41, "burn"],
  [43, "mint"],
  [44, "delegate"],
  [45, "revoke"],
  [46, "lock"],
  [47, "unlock"],
  [48, "migrate"],
  [49, "transfer"],
  [50, "update"],
  [51, "use"],
  [52, "verify"],
  [53, "unverify"],
  [54, "collect"],
  [55, "print"],
  [56, "resize"],
  [57, "close_accounts"],
]);

export function decodeMetaplexInstruction(
  cursor: InstructionCursor,
  programId: string,
  sink: InstructionSink,
): void {
  const tag = cursor.u8();
  const kind = cursor.ok ? KINDS.get(tag) : undefined;
  if (kind !== undefined) {
    sink.add({ program_id: programId, kind }, null);
    return;
  }
  const layout = findNaming(cursor, tag);
  const read = layout === undefined || !cursor.ok ? null : readLayout(cursor, programId, layout);
  sink.add(read === null ? unknownInstruction(programId) : read.instruction, null);
}

function findNaming(cursor: InstructionCursor, tag: number): InstructionLayout | undefined {
  if (tag !== CREATE_TAG) return NAMING.get(tag);
  return cursor.u8() === CREATE_ARGS_V1 ? CREATE : undefined;
}
