import { layout, type InstructionLayout } from "../instruction-layout.ts";

/**
 * Instructions that the Token program and Token-2022 share, by their first byte. Fields are named as nodes name
 * them in encoding jsonParsed, in snake case
 * (https://github.com/solana-program/token/blob/main/interface/src/instruction.rs).
 */
const sharedLayouts: readonly (readonly [tag: number, layout: InstructionLayout])[] = [
  [
    0,
    layout("initialize_mint", "mint", {
      decimals: "u8",
      mint_authority: "address",
      freeze_authority: "address?",
    }),
  ],
  [1, layout("initialize_account", "account mint owner", {}, { holders: "account" })],
  [2, layout("initialize_multisig", "multisig -", { m: "u8" }, { others: "signers" })],
  [
    3,
    layout(
      "transfer",
      "source destination authority",
      { amount: "amount" },
      { holders: "source destination" },
    ),
  ],
  [4, layout("approve", "source delegate owner", { amount: "amount" }, { holders: "source" })],
  [5, layout("revoke", "source owner", {}, { holders: "source" })],
  [
    6,
    layout("set_authority", "account authority", {
      authority_type: "authority_type",
      new_authority: "address?",
    }),
  ],
  [7, layout("mint_to", "mint account mint_authority", { amount: "amount" }, { holders: "account" })],
  [8, layout("burn", "account mint authority", { amount: "amount" }, { holders: "account" })],
  [9, layout("close_account", "account destination owner", {}, { holders: "account" })],
  [10, layout("freeze_account", "account mint freeze_authority", {}, { holders: "account" })],
  [11, layout("thaw_account", "account mint freeze_authority", {}, { holders: "account" })],
  [
    12,
    layout(
      "transfer_checked",
      "source mint destination authority",
      { amount: "amount", decimals: "decimals" },
      { holders: "source destination" },
    ),
  ],
  [
    13,
    layout(
      "approve_checked",
      "source mint delegate owner",
      { amount: "amount", decimals: "decimals" },
      { holders: "source" },
    ),
  ],
  [
    14,
    layout(
      "mint_to_checked",
      "mint account mint_authority",
      { amount: "amount", decimals: "decimals" },
      { holders: "account" },
    ),
  ],
  [
    15,
    layout(
      "burn_checked",
      "account mint authority",
      { amount: "amount", decimals: "decimals" },
      { holders: "account" },
    ),
  ],
  [16, layout("initialize_account2", "account mint", { owner: "address" }, { holders: "account" })],
  [17, layout("sync_native", "account", {}, { holders: "account" })],
  [18, layout("initialize_account3", "account mint", { owner: "address" }, { holders: "account" })],
  [19, layout("initialize_multisig2", "multisig", { m: "u8" }, { others: "signers" })],
  [
    20,
    layout("initialize_mint2", "mint", {
      decimals: "u8",
      mint_authority: "address",
      freeze_authority: "address?",
    }),
  ],
  [21, layout("get_account_data_size", "mint")],
  [22, layout("initialize_immutable_owner", "account", {}, { holders: "account" })],
  [23, layout("amount_to_ui_amount", "mint", { amount: "amount" })],
  [24, layout("ui_amount_to_amount", "mint", { ui_amount: "rest" })],
  // Since p-token (SIMD-0266) the Token program has these two as well, under Token-2022's numbers.
  [38, layout("withdraw_excess_lamports", "source destination authority")],
  [
    45,
    layout("unwrap_lamports", "source destination authority", { amount: "amount?" }, { holders: "source" }),
  ],
];

export const TOKEN_LAYOUTS: ReadonlyMap<number, InstructionLayout> = new Map(sharedLayouts);

/** First byte of an instruction that carries several others. */
export const BATCH_TAG = 255;
