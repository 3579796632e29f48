import type { Address } from "@solana/kit";
import { getMintDecoder, getMintSize } from "@solana-program/token";
import type { EmulatedProgram, InvocationContext } from "../engine/emulated-program.ts";
import { METAPLEX_PROGRAM_ADDRESS, TOKEN_PROGRAM_ADDRESS } from "./addresses.ts";
import { fundAllocateAssign } from "./calls.ts";
import {
  CREATE_METADATA_ACCOUNT_V3,
  type CreateMetadataArguments,
  MAX_NAME_BYTES,
  MAX_SYMBOL_BYTES,
  MAX_URI_BYTES,
  METADATA_BYTES,
  decodeCreateMetadataArguments,
  encodeMetadataAccount,
} from "./metaplex-metadata.ts";
import { findMetadata } from "./pda.ts";

/** Codes and texts of `MetadataError` in metaplex-foundation/mpl-token-metadata. */
const ERRORS = {
  InstructionUnpackError: [0, "Failed to unpack instruction data"],
  AlreadyInitialized: [3, "Already initialized"],
  Uninitialized: [4, "Uninitialized"],
  InvalidMetadataKey: [5, "Metadata's key must match seed of ['metadata', program id, mint] provided"],
  NotMintAuthority: [9, "Mint given does not have a mint authority that matches"],
  NameTooLong: [11, "Name too long"],
  SymbolTooLong: [12, "Symbol too long"],
  UriTooLong: [13, "URI too long"],
} as const satisfies Record<string, readonly [code: number, message: string]>;

/** Lamports that the program keeps for a new metadata account, on top of its rent. */
const CREATE_FEE_LAMPORTS = 10_000_000n;
/** What recorded calls consume beside their calls of the system program. */
const OWN_COMPUTE_UNITS = 36_000;

function fail(context: InvocationContext, name: keyof typeof ERRORS): never {
  const [code, message] = ERRORS[name];
  context.log(message);
  context.fail(code);
}

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

const readArguments = (context: InvocationContext): CreateMetadataArguments => {
  if (context.data[0] !== CREATE_METADATA_ACCOUNT_V3) fail(context, "InstructionUnpackError");
  try {
    return decodeCreateMetadataArguments(context.data);
  } catch {
    return fail(context, "InstructionUnpackError");
  }
};

const checkLengths = (context: InvocationContext, metadata: CreateMetadataArguments): void => {
  if (bytesOf(metadata.name) > MAX_NAME_BYTES) fail(context, "NameTooLong");
  if (bytesOf(metadata.symbol) > MAX_SYMBOL_BYTES) fail(context, "SymbolTooLong");
  if (bytesOf(metadata.uri) > MAX_URI_BYTES) fail(context, "UriTooLong");
};

/**
 * Metaplex Token Metadata, reduced to `CreateMetadataAccountV3` for fungible mints. One difference: the real program
 * refuses a mint whose mint authority was given up, this one accepts it from whoever signs, because CommCoin gives
 * the authority up in the transaction that creates the coin.
 */
export const metaplexProgram: EmulatedProgram = (context: InvocationContext): void => {
  const metadata = readArguments(context);
  context.log("IX: Create Metadata Accounts v3");
  const [target, mint, mintAuthority, payer, updateAuthority] = context.accounts;
  if (
    target === undefined ||
    mint === undefined ||
    mintAuthority === undefined ||
    payer === undefined ||
    updateAuthority === undefined
  ) {
    context.fail("NotEnoughAccountKeys");
  }
  if (!payer.signer || !mintAuthority.signer) context.fail("MissingRequiredSignature");
  checkLengths(context, metadata);

  const derived = findMetadata(mint.address as Address);
  if (target.address !== derived.address) fail(context, "InvalidMetadataKey");
  const mintState = context.account(mint.address);
  if (
    mintState === null ||
    mintState.owner !== TOKEN_PROGRAM_ADDRESS ||
    mintState.data.length !== getMintSize()
  ) {
    fail(context, "Uninitialized");
  }
  const authority = getMintDecoder().decode(mintState.data).mintAuthority;
  if (authority.__option === "Some" && authority.value !== mintAuthority.address)
    fail(context, "NotMintAuthority");
  if ((context.account(target.address)?.data.length ?? 0) > 0) fail(context, "AlreadyInitialized");
  context.consume(OWN_COMPUTE_UNITS);

  fundAllocateAssign(
    context,
    payer.address as Address,
    derived.address,
    context.rentExemptLamports(METADATA_BYTES) + CREATE_FEE_LAMPORTS,
    METADATA_BYTES,
    METAPLEX_PROGRAM_ADDRESS,
    (step) =>
      context.log(
        step === "allocate" ? "Allocate space for the account" : "Assign the account to the owning program",
      ),
  );
  const created = context.account(derived.address);
  if (created === null) fail(context, "Uninitialized");
  context.setAccount(derived.address, {
    ...created,
    data: encodeMetadataAccount(
      mint.address as Address,
      updateAuthority.address as Address,
      metadata,
      derived.bump,
    ),
  });
};
