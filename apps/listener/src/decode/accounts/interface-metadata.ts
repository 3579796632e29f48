import { readAccountNames, type AccountNames } from "./token-names.ts";

/** The first eight bytes of sha256("spl_token_metadata_interface:token_metadata"). */
const TOKEN_METADATA = 0x7084_5a5a_0b58_9d57n;
/** What an entry is, then how long it is, u32. */
const KIND_BYTES = 8;
const HEADER_BYTES = KIND_BYTES + 4;
/** Behind the update authority. */
const MINT_OFFSET = 32;

/**
 * Reads an account in which any program keeps metadata the way the token metadata interface lays it out: among entries of
 * kind, length and value (https://github.com/solana-program/token-metadata,
 * https://github.com/solana-program/libraries/tree/main/type-length-value). Null when it holds none.
 */
export function decodeInterfaceMetadata(data: Uint8Array): AccountNames | null {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let at = 0;
  while (at + HEADER_BYTES <= data.length) {
    const kind = view.getBigUint64(at, false);
    const start = at + HEADER_BYTES;
    const end = start + view.getUint32(at + KIND_BYTES, true);
    if (kind === TOKEN_METADATA) return readAccountNames(data.subarray(start, end), MINT_OFFSET);
    if (kind === 0n) return null;
    at = end;
  }
  return null;
}
