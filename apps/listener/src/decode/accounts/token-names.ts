import { trimNuls } from "../names-written.ts";

/** What an account says about the name of its mint. */
export interface TokenNames {
  readonly name: string;
  readonly symbol: string;
  readonly uri: string;
}

/** Longest name, symbol or address that is read. Metaplex allows 32, 10 and 200 bytes, Token-2022 whatever fits. */
const MAX_TEXT_BYTES = 1_024;
const LENGTH_BYTES = 4;
const decoder = new TextDecoder();

/**
 * Reads name, symbol and uri, each a u32 length and UTF-8 (borsh strings), from `start`; null when they reach
 * beyond the data or are longer than 1,024 bytes.
 */
export function readTokenNames(data: Uint8Array, start: number): TokenNames | null {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let at = start;
  const next = (): string | null => {
    if (at + LENGTH_BYTES > data.length) return null;
    const length = view.getUint32(at, true);
    const from = at + LENGTH_BYTES;
    if (length > MAX_TEXT_BYTES || from + length > data.length) return null;
    at = from + length;
    return trimNuls(decoder.decode(data.subarray(from, at)));
  };
  const [name, symbol, uri] = [next(), next(), next()];
  return name === null || symbol === null || uri === null ? null : { name, symbol, uri };
}
