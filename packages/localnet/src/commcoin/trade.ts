import { type Address, createNoopSigner } from "@solana/kit";
import { getTransferSolInstruction } from "@solana-program/system";
import { getTokenSize, getTransferInstruction } from "@solana-program/token";
import { addressText } from "../wire/base58.ts";
import type { InvocationContext } from "../engine/emulated-program.ts";
import {
  type NamedAccount,
  nameAccounts,
  requireOwned,
  requireProgram,
  requireRentSysvar,
  requireSeeds,
  requireSigner,
  requireTokenOwned,
  requireWritable,
} from "./account-checks.ts";
import { SYSTEM_PROGRAM_ADDRESS, TOKEN_PROGRAM_ADDRESS } from "./addresses.ts";
import { failAccount, failHandler, failInstruction } from "./anchor-error.ts";
import { decodeBondingCurveState } from "./bonding-curve-state.ts";
import { invoke } from "./calls.ts";
import { TRADE_DATA_BYTES, type TradeArguments, decodeTrade } from "./instructions.ts";
import { bondingCurveSeeds, findAssociatedToken, programAddressOf } from "./pda.ts";

const ACCOUNTS = [
  "user",
  "mint",
  "bonding_curve",
  "bonding_curve_token_vault",
  "user_token_vault",
  "token_program",
  "system_program",
  "program",
  "rent",
] as const;

/** In an account of the token program: behind the mint. */
const TOKEN_OWNER_OFFSET = 32;
const ADDRESS_BYTES = 32;

/** What the program itself works, besides its calls. */
const OWN_COMPUTE_UNITS = 14_000;

interface Trade extends TradeArguments {
  readonly user: Address;
  readonly curve: Address;
  readonly curveTokens: Address;
  readonly userTokens: Address;
}

const requireTokenAccountOf = (
  context: InvocationContext,
  account: NamedAccount,
  wallet: Address,
  mint: Address,
): void => {
  const { data } = requireTokenOwned(context, account);
  if (data.length !== getTokenSize()) failAccount(context, "AccountNotInitialized", account.name);
  const owner = addressText(data.subarray(TOKEN_OWNER_OFFSET, TOKEN_OWNER_OFFSET + ADDRESS_BYTES));
  if (owner !== wallet) failAccount(context, "ConstraintTokenOwner", account.name, [owner, wallet]);
  if (account.address !== findAssociatedToken(wallet, mint).address) {
    failAccount(context, "ConstraintAssociated", account.name);
  }
};

/** Reads arguments and accounts of a trade, checking them in the order in which Anchor does. */
const readTrade = (context: InvocationContext): Trade => {
  if (context.data.length < TRADE_DATA_BYTES) failInstruction(context, "InstructionDidNotDeserialize");
  const accounts = nameAccounts(context, ACCOUNTS);
  const { user, mint, bonding_curve: curve, bonding_curve_token_vault: curveTokens } = accounts;
  const userTokens = accounts.user_token_vault;
  const programId = context.programId as Address;

  requireSigner(context, user);
  requireTokenOwned(context, mint);
  const state =
    decodeBondingCurveState(requireOwned(context, curve, programId).data) ??
    failAccount(context, "AccountDiscriminatorMismatch", curve.name);
  requireTokenOwned(context, curveTokens);
  requireTokenOwned(context, userTokens);
  requireProgram(context, accounts.token_program, TOKEN_PROGRAM_ADDRESS);
  requireProgram(context, accounts.system_program, SYSTEM_PROGRAM_ADDRESS);
  requireProgram(context, accounts.program, programId);
  requireRentSysvar(context, accounts.rent);

  requireSeeds(context, curve, programAddressOf(bondingCurveSeeds(mint.address), state.bump, programId));
  requireTokenAccountOf(context, curveTokens, curve.address, mint.address);
  requireTokenAccountOf(context, userTokens, user.address, mint.address);
  for (const account of [user, curve, curveTokens, userTokens]) requireWritable(context, account);
  context.consume(OWN_COMPUTE_UNITS);

  return {
    ...decodeTrade(context.data),
    user: user.address,
    curve: curve.address,
    curveTokens: curveTokens.address,
    userTokens: userTokens.address,
  };
};

/** `buy`: tokens from the curve's vault to the user, and the whole of `max_sol_cost` from the user to the curve. */
export const buy = (context: InvocationContext): void => {
  const trade = readTrade(context);
  invoke(
    context,
    getTransferInstruction({
      source: trade.curveTokens,
      destination: trade.userTokens,
      authority: createNoopSigner(trade.curve),
      amount: trade.amount,
    }),
  );
  invoke(
    context,
    getTransferSolInstruction({
      source: createNoopSigner(trade.user),
      destination: trade.curve,
      amount: trade.maxSolCost,
    }),
  );
};

/** `sell`: tokens back to the curve's vault; the curve pays by moving its own lamports, without a call. */
export const sell = (context: InvocationContext): void => {
  const trade = readTrade(context);
  invoke(
    context,
    getTransferInstruction({
      source: trade.userTokens,
      destination: trade.curveTokens,
      authority: createNoopSigner(trade.user),
      amount: trade.amount,
    }),
  );
  const curve = context.account(trade.curve);
  const user = context.account(trade.user);
  if (curve === null || user === null) context.fail("UninitializedAccount");
  const left = curve.lamports - trade.maxSolCost;
  if (left < context.rentExemptLamports(curve.data.length)) failHandler(context, "InsufficientSolReserves");
  context.setAccount(trade.curve, { ...curve, lamports: left });
  context.setAccount(trade.user, { ...user, lamports: user.lamports + trade.maxSolCost });
};
