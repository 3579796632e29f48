import { readTokenNames, type TokenNames } from "./token-names.ts";

/** `Key::MetadataV1`, the account's first byte. */
const METADATA_V1 = 4;
/** Behind the key, the update authority and the mint. */
const NAMES_OFFSET = 1 + 32 + 32;

/**
 * Reads a metadata account of Metaplex Token Metadata
 * (https://github.com/metaplex-foundation/mpl-token-metadata/blob/main/programs/token-metadata/program/src/state/metadata.rs);
 * null when it is another account.
 */
export function decodeMetaplexMetadata(data: Uint8Array): TokenNames | null {
  return data[0] === METADATA_V1 ? readTokenNames(data, NAMES_OFFSET) : null;
}
