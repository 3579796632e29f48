import { layout, type InstructionLayout } from "../instruction-layout.ts";
import { TOKEN_LAYOUTS } from "./token-layouts.ts";

/**
 * Instructions of Token-2022, by first byte; those of an extension by first and second byte. Kinds are named as in
 * the program's published IDL, in snake case; of confidential instructions only the public part is decoded
 * (https://github.com/solana-program/token-2022/tree/main/interface/src).
 */
export const TOKEN_2022_LAYOUTS: ReadonlyMap<number, InstructionLayout> = new Map([
  ...TOKEN_LAYOUTS,
  [25, layout("initialize_mint_close_authority", "mint", { close_authority: "address?" })],
  [29, layout("reallocate", "account payer - owner", {}, { holders: "account" })],
  [31, layout("create_native_mint", "payer native_mint")],
  [32, layout("initialize_non_transferable_mint", "mint")],
  [35, layout("initialize_permanent_delegate", "mint", { delegate: "address" })],
]);

const transferFee = [
  layout("initialize_transfer_fee_config", "mint", {
    transfer_fee_config_authority: "address?",
    withdraw_withheld_authority: "address?",
    transfer_fee_basis_points: "u16",
    maximum_fee: "amount",
  }),
  layout(
    "transfer_checked_with_fee",
    "source mint destination authority",
    { amount: "amount", decimals: "decimals", fee: "amount" },
    { holders: "source destination" },
  ),
  layout(
    "withdraw_withheld_tokens_from_mint",
    "mint fee_receiver withdraw_withheld_authority",
    {},
    { holders: "fee_receiver" },
  ),
  layout(
    "withdraw_withheld_tokens_from_accounts",
    "mint fee_receiver withdraw_withheld_authority",
    { num_token_accounts: "u8" },
    { holders: "fee_receiver", others: "source_accounts" },
  ),
  layout("harvest_withheld_tokens_to_mint", "mint", {}, { others: "source_accounts" }),
  layout("set_transfer_fee", "mint transfer_fee_config_authority", {
    transfer_fee_basis_points: "u16",
    maximum_fee: "amount",
  }),
];

const account = { holders: "account" };

const confidentialTransfer = [
  layout("initialize_confidential_transfer_mint", "mint", {
    authority: "address|0",
    auto_approve_new_accounts: "bool",
  }),
  layout("update_confidential_transfer_mint", "mint authority", { auto_approve_new_accounts: "bool" }),
  layout("configure_confidential_transfer_account", "account mint", {}, account),
  layout("approve_confidential_transfer_account", "account mint authority", {}, account),
  layout("empty_confidential_transfer_account", "account", {}, account),
  layout(
    "confidential_deposit",
    "account mint authority",
    { amount: "amount", decimals: "decimals" },
    account,
  ),
  layout("confidential_withdraw", "account mint", { amount: "amount", decimals: "decimals" }, account),
  layout("confidential_transfer", "source mint destination", {}, { holders: "source destination" }),
  layout("apply_confidential_pending_balance", "account authority", {}, account),
  layout("enable_confidential_credits", "account authority", {}, account),
  layout("disable_confidential_credits", "account authority", {}, account),
  layout("enable_non_confidential_credits", "account authority", {}, account),
  layout("disable_non_confidential_credits", "account authority", {}, account),
  layout("confidential_transfer_with_fee", "source mint destination", {}, { holders: "source destination" }),
  layout(
    "configure_confidential_transfer_account_with_registry",
    "account mint elgamal_registry",
    {},
    account,
  ),
];

const defaultAccountState = [
  layout("initialize_default_account_state", "mint", { state: "account_state" }),
  layout("update_default_account_state", "mint freeze_authority", { state: "account_state" }),
];

const memoTransfer = [
  layout("enable_memo_transfers", "account owner", {}, account),
  layout("disable_memo_transfers", "account owner", {}, account),
];

const interestBearingMint = [
  layout("initialize_interest_bearing_mint", "mint", { rate_authority: "address|0", rate: "i16" }),
  layout("update_rate_interest_bearing_mint", "mint rate_authority", { rate: "i16" }),
];

const cpiGuard = [
  layout("enable_cpi_guard", "account owner", {}, account),
  layout("disable_cpi_guard", "account owner", {}, account),
];

const transferHook = [
  layout("initialize_transfer_hook", "mint", { authority: "address|0", hook_program_id: "address|0" }),
  layout("update_transfer_hook", "mint authority", { hook_program_id: "address|0" }),
];

const confidentialTransferFee = [
  layout("initialize_confidential_transfer_fee", "mint", { authority: "address|0" }),
  layout(
    "withdraw_withheld_tokens_from_mint_for_confidential_transfer_fee",
    "mint destination",
    {},
    { holders: "destination" },
  ),
  layout(
    "withdraw_withheld_tokens_from_accounts_for_confidential_transfer_fee",
    "mint destination",
    { num_token_accounts: "u8" },
    { holders: "destination" },
  ),
  layout(
    "harvest_withheld_tokens_to_mint_for_confidential_transfer_fee",
    "mint",
    {},
    { others: "source_accounts" },
  ),
  layout("enable_harvest_to_mint", "mint authority"),
  layout("disable_harvest_to_mint", "mint authority"),
];

const metadataPointer = [
  layout("initialize_metadata_pointer", "mint", { authority: "address|0", metadata_address: "address|0" }),
  layout("update_metadata_pointer", "mint authority", { metadata_address: "address|0" }),
];

const groupPointer = [
  layout("initialize_group_pointer", "mint", { authority: "address|0", group_address: "address|0" }),
  layout("update_group_pointer", "mint authority", { group_address: "address|0" }),
];

const groupMemberPointer = [
  layout("initialize_group_member_pointer", "mint", { authority: "address|0", member_address: "address|0" }),
  layout("update_group_member_pointer", "mint authority", { member_address: "address|0" }),
];

const confidentialMintBurn = [
  layout("initialize_confidential_mint_burn", "mint"),
  layout("rotate_supply_elgamal_pubkey", "mint"),
  layout("update_confidential_mint_burn_decryptable_supply", "mint authority"),
  layout("confidential_mint", "account mint", {}, account),
  layout("confidential_burn", "account mint", {}, account),
  layout("apply_confidential_pending_burn", "mint authority"),
];

const scaledUiAmount = [
  layout("initialize_scaled_ui_amount_mint", "mint", { authority: "address|0", multiplier: "f64" }),
  layout("update_multiplier_scaled_ui_mint", "mint authority", {
    multiplier: "f64",
    effective_timestamp: "i64",
  }),
];

const pausable = [
  layout("initialize_pausable_config", "mint", { authority: "address|0" }),
  layout("pause", "mint authority"),
  layout("resume", "mint authority"),
];

const permissionedBurn = [
  layout("initialize_permissioned_burn", "mint", { authority: "address" }),
  layout(
    "permissioned_burn",
    "account mint permissioned_burn_authority authority",
    { amount: "amount" },
    account,
  ),
  layout(
    "permissioned_burn_checked",
    "account mint permissioned_burn_authority authority",
    { amount: "amount", decimals: "decimals" },
    account,
  ),
  layout("permissioned_confidential_burn", "account mint", {}, account),
];

/** Instructions of an extension, by the first byte and then by the second. */
export const EXTENSION_LAYOUTS: ReadonlyMap<number, readonly InstructionLayout[]> = new Map([
  [26, transferFee],
  [27, confidentialTransfer],
  [28, defaultAccountState],
  [30, memoTransfer],
  [33, interestBearingMint],
  [34, cpiGuard],
  [36, transferHook],
  [37, confidentialTransferFee],
  [39, metadataPointer],
  [40, groupPointer],
  [41, groupMemberPointer],
  [42, confidentialMintBurn],
  [43, scaledUiAmount],
  [44, pausable],
  [46, permissionedBurn],
]);
