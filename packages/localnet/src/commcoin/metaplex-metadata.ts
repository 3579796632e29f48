import {
  AccountRole,
  type Address,
  addDecoderSizePrefix,
  addEncoderSizePrefix,
  fixEncoderSize,
  getAddressDecoder,
  getAddressEncoder,
  getArrayDecoder,
  getArrayEncoder,
  getBooleanDecoder,
  getBooleanEncoder,
  getNullableDecoder,
  getNullableEncoder,
  getStructDecoder,
  getStructEncoder,
  getU16Decoder,
  getU16Encoder,
  getU32Decoder,
  getU32Encoder,
  getU8Decoder,
  getU8Encoder,
  getUtf8Decoder,
  getUtf8Encoder,
} from "@solana/kit";
import { METAPLEX_PROGRAM_ADDRESS, RENT_SYSVAR_ADDRESS, SYSTEM_PROGRAM_ADDRESS } from "./addresses.ts";
import type { BuiltInstruction } from "./instructions.ts";
import { findMetadata } from "./pda.ts";

/** Limits of the Metaplex program, in bytes of UTF-8; the account pads each text with zeros to them. */
export const MAX_NAME_BYTES = 32;
export const MAX_SYMBOL_BYTES = 10;
export const MAX_URI_BYTES = 200;

/** Size of a metadata account since 2025 (679 before); see `Metadata` in metaplex-foundation/mpl-token-metadata. */
export const METADATA_BYTES = 607;

/** Discriminator of `CreateMetadataAccountV3`. */
export const CREATE_METADATA_ACCOUNT_V3 = 33;

/** Account kind `MetadataV1`. */
const METADATA_V1_KEY = 4;
/** `TokenStandard::Fungible`. */
const FUNGIBLE = 2;
/** Set in the last byte while the account still holds its creation fee. */
const FEE_FLAG_SET = 1;

interface Creator {
  readonly address: Address;
  readonly verified: boolean;
  /** Percent of the royalties. */
  readonly share: number;
}

/** Arguments of `CreateMetadataAccountV3` without those that a fungible coin leaves out. */
export interface CreateMetadataArguments {
  readonly name: string;
  readonly symbol: string;
  readonly uri: string;
  readonly sellerFeeBasisPoints: number;
  readonly creators: readonly Creator[] | null;
  readonly isMutable: boolean;
}

const textEncoder = () => addEncoderSizePrefix(getUtf8Encoder(), getU32Encoder());
const textDecoder = () => addDecoderSizePrefix(getUtf8Decoder(), getU32Decoder());
const paddedText = (bytes: number) =>
  addEncoderSizePrefix(fixEncoderSize(getUtf8Encoder(), bytes), getU32Encoder());

const creatorEncoder = getStructEncoder([
  ["address", getAddressEncoder()],
  ["verified", getBooleanEncoder()],
  ["share", getU8Encoder()],
]);
const creatorDecoder = getStructDecoder([
  ["address", getAddressDecoder()],
  ["verified", getBooleanDecoder()],
  ["share", getU8Decoder()],
]);

/** `DataV2` (collection and uses absent), then is_mutable and an absent collection_details. */
const argumentsEncoder = getStructEncoder([
  ["discriminator", getU8Encoder()],
  ["name", textEncoder()],
  ["symbol", textEncoder()],
  ["uri", textEncoder()],
  ["sellerFeeBasisPoints", getU16Encoder()],
  ["creators", getNullableEncoder(getArrayEncoder(creatorEncoder))],
  ["collection", getU8Encoder()],
  ["uses", getU8Encoder()],
  ["isMutable", getBooleanEncoder()],
  ["collectionDetails", getU8Encoder()],
]);

const argumentsDecoder = getStructDecoder([
  ["discriminator", getU8Decoder()],
  ["name", textDecoder()],
  ["symbol", textDecoder()],
  ["uri", textDecoder()],
  ["sellerFeeBasisPoints", getU16Decoder()],
  ["creators", getNullableDecoder(getArrayDecoder(creatorDecoder))],
  ["collection", getU8Decoder()],
  ["uses", getU8Decoder()],
  ["isMutable", getBooleanDecoder()],
  ["collectionDetails", getU8Decoder()],
]);

const accountEncoder = getStructEncoder([
  ["key", getU8Encoder()],
  ["updateAuthority", getAddressEncoder()],
  ["mint", getAddressEncoder()],
  ["name", paddedText(MAX_NAME_BYTES)],
  ["symbol", paddedText(MAX_SYMBOL_BYTES)],
  ["uri", paddedText(MAX_URI_BYTES)],
  ["sellerFeeBasisPoints", getU16Encoder()],
  ["creators", getNullableEncoder(getArrayEncoder(creatorEncoder))],
  ["primarySaleHappened", getBooleanEncoder()],
  ["isMutable", getBooleanEncoder()],
  ["editionNonce", getNullableEncoder(getU8Encoder())],
  ["tokenStandard", getNullableEncoder(getU8Encoder())],
]);

/** @throws when `data` is cut short. */
export const decodeCreateMetadataArguments = (data: Uint8Array): CreateMetadataArguments => {
  const { name, symbol, uri, sellerFeeBasisPoints, creators, isMutable } = argumentsDecoder.decode(data);
  return { name, symbol, uri, sellerFeeBasisPoints, creators, isMutable };
};

/** The bytes of a fresh metadata account; everything behind the token standard is absent, hence zero. */
export const encodeMetadataAccount = (
  mint: Address,
  updateAuthority: Address,
  metadata: CreateMetadataArguments,
  editionNonce: number,
): Uint8Array => {
  const data = new Uint8Array(METADATA_BYTES);
  data.set(
    accountEncoder.encode({
      ...metadata,
      key: METADATA_V1_KEY,
      updateAuthority,
      mint,
      creators: metadata.creators === null ? null : [...metadata.creators],
      primarySaleHappened: false,
      editionNonce,
      tokenStandard: FUNGIBLE,
    }),
  );
  data[METADATA_BYTES - 1] = FEE_FLAG_SET;
  return data;
};

/** Names a coin. `authority` signs as mint authority, payer and update authority. */
export const createMetadataInstruction = (
  mint: Address,
  authority: Address,
  metadata: CreateMetadataArguments,
): BuiltInstruction => ({
  programAddress: METAPLEX_PROGRAM_ADDRESS,
  accounts: [
    { address: findMetadata(mint).address, role: AccountRole.WRITABLE },
    { address: mint, role: AccountRole.READONLY },
    { address: authority, role: AccountRole.READONLY_SIGNER },
    { address: authority, role: AccountRole.WRITABLE_SIGNER },
    { address: authority, role: AccountRole.READONLY_SIGNER },
    { address: SYSTEM_PROGRAM_ADDRESS, role: AccountRole.READONLY },
    { address: RENT_SYSVAR_ADDRESS, role: AccountRole.READONLY },
  ],
  data: new Uint8Array(
    argumentsEncoder.encode({
      ...metadata,
      discriminator: CREATE_METADATA_ACCOUNT_V3,
      creators: metadata.creators === null ? null : [...metadata.creators],
      collection: 0,
      uses: 0,
      collectionDetails: 0,
    }),
  ),
});
