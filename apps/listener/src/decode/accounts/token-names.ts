import { encodeAddress } from "../address-cache.ts";
import { readVisibleText } from "../visible-text.ts";

/** What is said on chain about the name of a mint; null where that is nothing that a person can see or nobody can read. */
export interface TokenNames {
  readonly name: string | null;
  readonly symbol: string | null;
  readonly uri: string | null;
}

/** What an account says about the name of the mint that it belongs to. */
export interface AccountNames extends TokenNames {
  readonly mint: string;
}

const ADDRESS_BYTES = 32;
const LENGTH_BYTES = 4;

/**
 * Reads a mint, then its name, symbol and uri, each a u32 length and UTF-8 (borsh strings), from `start`. A field that is
 * too long or malformed is null without the others, but nothing is found behind a length that reaches beyond the data.
 * Null when the data ends before the mint does.
 */
export function readAccountNames(data: Uint8Array, start: number): AccountNames | null {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let at = start + ADDRESS_BYTES;
  if (at > data.length) return null;
  const next = (): string | null => {
    const from = at + LENGTH_BYTES;
    at = from > data.length ? Infinity : from + view.getUint32(at, true);
    return at > data.length ? null : readVisibleText(data.subarray(from, at));
  };
  return { mint: encodeAddress(data, start), name: next(), symbol: next(), uri: next() };
}
