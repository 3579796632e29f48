import { layout, type InstructionLayout } from "../instruction-layout.ts";

/**
 * Instructions of the token metadata and token group interfaces, which Token-2022 implements, by the first eight
 * bytes of sha256("<interface>:<name>")
 * (https://github.com/solana-program/token-metadata, https://github.com/solana-program/token-group). None of them
 * starts with a byte that Token-2022 uses for itself.
 */
export const INTERFACE_LAYOUTS: ReadonlyMap<bigint, InstructionLayout> = new Map([
  [
    0xd2e11ea258b84d8dn,
    layout("initialize_token_metadata", "metadata update_authority mint mint_authority", {
      name: "string",
      symbol: "string",
      uri: "string",
    }),
  ],
  [
    0xdde9312db5cadcc8n,
    layout("update_token_metadata_field", "metadata update_authority", {
      field: "metadata_field",
      value: "string",
    }),
  ],
  [
    0xea122038598d25b5n,
    layout("remove_token_metadata_key", "metadata update_authority", { idempotent: "bool", key: "string" }),
  ],
  [
    0xd7e4a6e45464567bn,
    layout("update_token_metadata_update_authority", "metadata update_authority", {
      new_update_authority: "address|0",
    }),
  ],
  [0xfaa6b4fa0d0cb846n, layout("emit_token_metadata", "metadata")],
  [
    0x79716c2736330004n,
    layout("initialize_token_group", "group mint mint_authority", {
      update_authority: "address|0",
      max_size: "u64",
    }),
  ],
  [0x6c25ab8ff81e126en, layout("update_token_group_max_size", "group update_authority", { max_size: "u64" })],
  [
    0xa1695801edddd8cbn,
    layout("update_token_group_update_authority", "group update_authority", {
      new_update_authority: "address|0",
    }),
  ],
  [
    0x9820deb0dfed7486n,
    layout(
      "initialize_token_group_member",
      "member member_mint member_mint_authority group group_update_authority",
    ),
  ],
]);
