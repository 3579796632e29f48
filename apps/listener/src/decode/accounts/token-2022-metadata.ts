import { encodeAddress } from "../address-cache.ts";
import { ACCOUNT_TYPE_OFFSET, decodeMint } from "./mint.ts";
import { readAccountNames, type AccountNames } from "./token-names.ts";

const EXTENSIONS_OFFSET = ACCOUNT_TYPE_OFFSET + 1;
/** An extension's type and length, u16 each. */
const HEADER_BYTES = 4;
/** Of `ExtensionType`. */
const METADATA_POINTER = 18;
const TOKEN_METADATA = 19;
/** Behind the update authority. */
const MINT_OFFSET = 32;
/** Behind the authority that may change it. */
const POINTED_OFFSET = 32;
const ADDRESS_BYTES = 32;
const NO_ADDRESS = "11111111111111111111111111111111";

/**
 * Reads the metadata extension of a Token-2022 mint
 * (https://github.com/solana-program/token-2022/blob/main/interface/src/extension/mod.rs); null when it has none or
 * is another account.
 */
export function decodeToken2022Metadata(data: Uint8Array): AccountNames | null {
  const extension = findExtension(data, TOKEN_METADATA);
  return extension === null ? null : readAccountNames(extension, MINT_OFFSET);
}

/** The account that a Token-2022 mint names for its metadata, which may be itself; null when it names none. */
export function decodeMetadataPointer(data: Uint8Array): string | null {
  const extension = findExtension(data, METADATA_POINTER);
  if (extension === null || extension.length < POINTED_OFFSET + ADDRESS_BYTES) return null;
  const address = encodeAddress(extension, POINTED_OFFSET);
  return address === NO_ADDRESS ? null : address;
}

function findExtension(data: Uint8Array, wanted: number): Uint8Array | null {
  if (decodeMint(data) === null) return null;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let at = EXTENSIONS_OFFSET;
  while (at + HEADER_BYTES <= data.length) {
    const start = at + HEADER_BYTES;
    const end = start + view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === wanted) return data.subarray(start, end);
    at = end;
  }
  return null;
}
