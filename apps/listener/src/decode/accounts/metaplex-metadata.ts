import { readAccountNames, type AccountNames } from "./token-names.ts";

/** `Key::MetadataV1`, the account's first byte. */
const METADATA_V1 = 4;
/** Behind the key and the update authority. */
const MINT_OFFSET = 1 + 32;

/**
 * Reads a metadata account of Metaplex Token Metadata
 * (https://github.com/metaplex-foundation/mpl-token-metadata/blob/main/programs/token-metadata/program/src/state/metadata.rs);
 * null when it is another account.
 */
export function decodeMetaplexMetadata(data: Uint8Array): AccountNames | null {
  return data[0] === METADATA_V1 ? readAccountNames(data, MINT_OFFSET) : null;
}
