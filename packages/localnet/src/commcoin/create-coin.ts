import { type Address, createNoopSigner, getAddressEncoder } from "@solana/kit";
import {
  AuthorityType,
  getCreateAssociatedTokenInstruction,
  getInitializeAccount3Instruction,
  getInitializeMintInstruction,
  getMintSize,
  getMintToInstruction,
  getSetAuthorityInstruction,
  getTokenSize,
} from "@solana-program/token";
import type { InvocationContext } from "../engine/emulated-program.ts";
import {
  nameAccounts,
  requireProgram,
  requireRentSysvar,
  requireSeeds,
  requireSigner,
  requireWritable,
} from "./account-checks.ts";
import {
  ASSOCIATED_TOKEN_PROGRAM_ADDRESS,
  SYSTEM_PROGRAM_ADDRESS,
  TOKEN_PROGRAM_ADDRESS,
} from "./addresses.ts";
import { failAccount } from "./anchor-error.ts";
import {
  BONDING_CURVE_STATE_BYTES,
  COIN_DECIMALS,
  COIN_SUPPLY,
  encodeBondingCurveState,
  initialBondingCurveState,
} from "./bonding-curve-state.ts";
import { createAccount, invoke } from "./calls.ts";
import { VAULT_CONFIG_DISCRIMINATOR } from "./discriminators.ts";
import {
  findAssociatedToken,
  findBondingCurve,
  findMintAuthority,
  findVault,
  findVaultTokenAccount,
} from "./pda.ts";

const ACCOUNTS = [
  "signer",
  "mint_authority",
  "mint",
  "vault",
  "vault_token_account",
  "bonding_curve",
  "bonding_curve_token_vault",
  "token_program",
  "associated_token_program",
  "system_program",
  "rent",
] as const;

/** What the program itself works, besides its calls: about what an Anchor handler with five new accounts needs. */
const OWN_COMPUTE_UNITS = 45_000;

/** Discriminator, mint, bump. The layout is this emulation's own: the program's description names none. */
const VAULT_CONFIG_BYTES = 8 + 32 + 1;

const writeData = (context: InvocationContext, address: Address, data: Uint8Array): void => {
  const created = context.account(address);
  if (created !== null) context.setAccount(address, { ...created, data });
};

const encodeVaultConfig = (mint: Address, bump: number): Uint8Array => {
  const data = new Uint8Array(VAULT_CONFIG_BYTES);
  data.set(VAULT_CONFIG_DISCRIMINATOR);
  data.set(getAddressEncoder().encode(mint), VAULT_CONFIG_DISCRIMINATOR.length);
  data[VAULT_CONFIG_BYTES - 1] = bump;
  return data;
};

/** `create_coin`: makes the mint, the vaults and the curve, mints the whole supply to it and gives minting up. */
export const createCoin = (context: InvocationContext): void => {
  const accounts = nameAccounts(context, ACCOUNTS);
  const programId = context.programId as Address;
  const creator = accounts.signer.address;
  const mint = accounts.mint.address;
  const curve = findBondingCurve(mint, programId);
  const vault = findVault(mint, programId);
  const curveTokens = accounts.bonding_curve_token_vault;
  const mintAuthority = accounts.mint_authority.address;

  requireSigner(context, accounts.signer);
  requireSigner(context, accounts.mint);
  requireProgram(context, accounts.token_program, TOKEN_PROGRAM_ADDRESS);
  requireProgram(context, accounts.associated_token_program, ASSOCIATED_TOKEN_PROGRAM_ADDRESS);
  requireProgram(context, accounts.system_program, SYSTEM_PROGRAM_ADDRESS);
  requireRentSysvar(context, accounts.rent);
  requireSeeds(context, accounts.mint_authority, findMintAuthority(programId).address);
  requireSeeds(context, accounts.vault, vault.address);
  requireSeeds(context, accounts.vault_token_account, findVaultTokenAccount(mint, programId).address);
  requireSeeds(context, accounts.bonding_curve, curve.address);
  const associated = findAssociatedToken(curve.address, mint).address;
  if (curveTokens.address !== associated) failAccount(context, "ConstraintAssociated", curveTokens.name);
  for (const account of [
    accounts.signer,
    accounts.mint,
    accounts.vault,
    accounts.vault_token_account,
    accounts.bonding_curve,
    curveTokens,
  ]) {
    requireWritable(context, account);
  }
  context.consume(OWN_COMPUTE_UNITS);

  createAccount(context, creator, mint, getMintSize(), TOKEN_PROGRAM_ADDRESS);
  invoke(context, getInitializeMintInstruction({ mint, decimals: COIN_DECIMALS, mintAuthority }));

  createAccount(context, creator, vault.address, VAULT_CONFIG_BYTES, programId);
  writeData(context, vault.address, encodeVaultConfig(mint, vault.bump));

  const vaultTokens = accounts.vault_token_account.address;
  createAccount(context, creator, vaultTokens, getTokenSize(), TOKEN_PROGRAM_ADDRESS);
  invoke(context, getInitializeAccount3Instruction({ account: vaultTokens, mint, owner: vault.address }));

  createAccount(context, creator, curve.address, BONDING_CURVE_STATE_BYTES, programId);
  writeData(context, curve.address, encodeBondingCurveState(initialBondingCurveState(curve.bump)));

  invoke(
    context,
    getCreateAssociatedTokenInstruction({
      payer: createNoopSigner(creator),
      ata: curveTokens.address,
      owner: curve.address,
      mint,
    }),
  );

  context.log("Instruction: Create Token With Curve");
  context.log(`Signer: ${creator}`);
  context.log(`New Mint: ${mint}`);

  const authority = createNoopSigner(mintAuthority);
  invoke(
    context,
    getMintToInstruction({ mint, token: curveTokens.address, mintAuthority: authority, amount: COIN_SUPPLY }),
  );
  invoke(
    context,
    getSetAuthorityInstruction({
      owned: mint,
      owner: authority,
      authorityType: AuthorityType.MintTokens,
      newAuthority: null,
    }),
  );
};
