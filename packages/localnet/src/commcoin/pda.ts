import { createHash } from "node:crypto";
import { type Address, isOffCurveAddress } from "@solana/kit";
import { addressBytes, addressText } from "../wire/base58.ts";
import {
  ASSOCIATED_TOKEN_PROGRAM_ADDRESS,
  METAPLEX_PROGRAM_ADDRESS,
  TOKEN_PROGRAM_ADDRESS,
} from "./addresses.ts";

/** A program derived address with the bump that keeps it off the ed25519 curve. */
interface ProgramAddress {
  readonly address: Address;
  readonly bump: number;
}

const PDA_MARKER = new TextEncoder().encode("ProgramDerivedAddress");
const text = new TextEncoder();

/**
 * The address of `seeds` for a given bump: sha256 of seeds, bump, program and a marker. Whether it is off the curve
 * is not checked: for bumps that a program stored itself.
 */
export const programAddressOf = (seeds: readonly Uint8Array[], bump: number, programId: Address): Address => {
  const hash = createHash("sha256");
  for (const seed of seeds) hash.update(seed);
  hash.update(Uint8Array.of(bump)).update(addressBytes(programId)).update(PDA_MARKER);
  return addressText(hash.digest()) as Address;
};

/**
 * Derives the canonical program address of `seeds`. The same as kit's `getProgramDerivedAddress`, but synchronous:
 * programs run inside a synchronous engine.
 */
const findProgramAddress = (seeds: readonly Uint8Array[], programId: Address): ProgramAddress => {
  for (let bump = 255; bump >= 0; bump -= 1) {
    const address = programAddressOf(seeds, bump, programId);
    if (isOffCurveAddress(address)) return { address, bump };
  }
  throw new Error(`No program address exists for these seeds of ${programId}`);
};

/** How many derivations are remembered; one costs about half a millisecond, a trade needs two. */
const CACHED_ADDRESSES = 4_096;

const cached = <Keys extends readonly (Address | undefined)[]>(
  derive: (...keys: Keys) => ProgramAddress,
): ((...keys: Keys) => ProgramAddress) => {
  const known = new Map<string, ProgramAddress>();
  return (...keys) => {
    const key = keys.join(",");
    const hit = known.get(key);
    if (hit !== undefined) return hit;
    const found = derive(...keys);
    if (known.size >= CACHED_ADDRESSES) known.clear();
    known.set(key, found);
    return found;
  };
};

const CURVE_SEED = text.encode("commcoin_bonding_curve");
const MINT_AUTHORITY_SEED = text.encode("commcoin_random_minted");
const VAULT_SEED = text.encode("vault_config_v1");
const VAULT_TOKENS_SEED = text.encode("vault_tokens_v1");

const mintAuthoritySeeds = (): Uint8Array[] => [CURVE_SEED, MINT_AUTHORITY_SEED];
export const bondingCurveSeeds = (mint: Address): Uint8Array[] => [CURVE_SEED, addressBytes(mint)];
const vaultSeeds = (mint: Address): Uint8Array[] => [VAULT_SEED, addressBytes(mint)];
const vaultTokensSeeds = (mint: Address): Uint8Array[] => [VAULT_TOKENS_SEED, addressBytes(mint)];
const metadataSeeds = (mint: Address): Uint8Array[] => [
  text.encode("metadata"),
  addressBytes(METAPLEX_PROGRAM_ADDRESS),
  addressBytes(mint),
];

/** One authority for all coins of a program: it mints each coin's supply once, then gives the right up. */
export const findMintAuthority = cached((programId: Address) =>
  findProgramAddress(mintAuthoritySeeds(), programId),
);

/** The curve that trades a coin; it also holds the coin's lamports. */
export const findBondingCurve = cached((mint: Address, programId: Address) =>
  findProgramAddress(bondingCurveSeeds(mint), programId),
);

export const findVault = cached((mint: Address, programId: Address) =>
  findProgramAddress(vaultSeeds(mint), programId),
);

export const findVaultTokenAccount = cached((mint: Address, programId: Address) =>
  findProgramAddress(vaultTokensSeeds(mint), programId),
);

/** Metaplex' metadata account of a mint. */
export const findMetadata = cached((mint: Address) =>
  findProgramAddress(metadataSeeds(mint), METAPLEX_PROGRAM_ADDRESS),
);

/** The associated token account of a wallet, of the SPL Token program unless another is named. */
export const findAssociatedToken = cached((owner: Address, mint: Address, tokenProgram?: Address) =>
  findProgramAddress(
    [addressBytes(owner), addressBytes(tokenProgram ?? TOKEN_PROGRAM_ADDRESS), addressBytes(mint)],
    ASSOCIATED_TOKEN_PROGRAM_ADDRESS,
  ),
);
