import type { Address, KeyPairSigner } from "@solana/kit";
import { getCreateAccountInstruction } from "@solana-program/system";
import {
  TOKEN_2022_PROGRAM_ADDRESS,
  extension,
  getCreateAssociatedTokenIdempotentInstruction,
  getInitializeMetadataPointerInstruction,
  getInitializeMint2Instruction,
  getInitializeTokenMetadataInstruction,
  getMintSize,
  getMintToInstruction,
  getTransferCheckedInstruction,
} from "@solana-program/token-2022";
import { findAssociatedToken } from "../commcoin/pda.ts";
import type { CoinIdentity } from "./names.ts";
import type { Composed } from "./sign.ts";

const DECIMALS = 9;

/** Rent of an account: lamports for each of its bytes and of the 128 that the runtime keeps beside them. */
const rentLamports = (bytes: number): bigint => BigInt(bytes + 128) * 6_960n;

const openTokenAccount = (payer: KeyPairSigner, owner: Address, mint: Address) =>
  getCreateAssociatedTokenIdempotentInstruction({
    payer,
    ata: findAssociatedToken(owner, mint, TOKEN_2022_PROGRAM_ADDRESS).address,
    owner,
    mint,
    tokenProgram: TOKEN_2022_PROGRAM_ADDRESS,
  });

/** A Token-2022 mint that holds its own metadata, with the whole supply minted to its creator. */
export const createExtendedToken = (
  payer: KeyPairSigner,
  mint: KeyPairSigner,
  token: { readonly identity: CoinIdentity; readonly supply: bigint },
): Composed => {
  const authority = payer.address;
  const pointer = extension("MetadataPointer", { authority, metadataAddress: mint.address });
  const metadata = extension("TokenMetadata", {
    updateAuthority: authority,
    mint: mint.address,
    ...token.identity,
    additionalMetadata: new Map(),
  });
  return {
    payer,
    instructions: [
      getCreateAccountInstruction({
        payer,
        newAccount: mint,
        // The metadata is appended later by the token program, but paid for now.
        lamports: rentLamports(getMintSize([pointer, metadata])),
        space: getMintSize([pointer]),
        programAddress: TOKEN_2022_PROGRAM_ADDRESS,
      }),
      getInitializeMetadataPointerInstruction({
        mint: mint.address,
        authority,
        metadataAddress: mint.address,
      }),
      getInitializeMint2Instruction({ mint: mint.address, decimals: DECIMALS, mintAuthority: authority }),
      getInitializeTokenMetadataInstruction({
        metadata: mint.address,
        updateAuthority: authority,
        mint: mint.address,
        mintAuthority: payer,
        ...token.identity,
      }),
      openTokenAccount(payer, authority, mint.address),
      getMintToInstruction({
        mint: mint.address,
        token: findAssociatedToken(authority, mint.address, TOKEN_2022_PROGRAM_ADDRESS).address,
        mintAuthority: payer,
        amount: token.supply,
      }),
    ],
  };
};

export const transferExtendedToken = (
  payer: KeyPairSigner,
  receiver: Address,
  mint: Address,
  amount: bigint,
): Composed => ({
  payer,
  instructions: [
    openTokenAccount(payer, receiver, mint),
    getTransferCheckedInstruction({
      source: findAssociatedToken(payer.address, mint, TOKEN_2022_PROGRAM_ADDRESS).address,
      mint,
      destination: findAssociatedToken(receiver, mint, TOKEN_2022_PROGRAM_ADDRESS).address,
      authority: payer,
      amount,
      decimals: DECIMALS,
    }),
  ],
});
