import { ACCOUNT_TYPE_OFFSET, decodeMint } from "./mint.ts";
import { readTokenNames, type TokenNames } from "./token-names.ts";

const EXTENSIONS_OFFSET = ACCOUNT_TYPE_OFFSET + 1;
/** An extension's type and length, u16 each. */
const HEADER_BYTES = 4;
/** `ExtensionType::TokenMetadata`. */
const TOKEN_METADATA = 19;
/** Behind the update authority and the mint. */
const NAMES_OFFSET = 32 + 32;

/**
 * Reads the metadata extension of a Token-2022 mint
 * (https://github.com/solana-program/token-2022/blob/main/interface/src/extension/mod.rs); null when it has none or
 * is another account.
 */
export function decodeToken2022Metadata(data: Uint8Array): TokenNames | null {
  if (decodeMint(data) === null) return null;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let at = EXTENSIONS_OFFSET;
  while (at + HEADER_BYTES <= data.length) {
    const type = view.getUint16(at, true);
    const start = at + HEADER_BYTES;
    const end = start + view.getUint16(at + 2, true);
    if (end > data.length) return null;
    if (type === TOKEN_METADATA) return readTokenNames(data.subarray(start, end), NAMES_OFFSET);
    at = end;
  }
  return null;
}
