import { encodeBase58, isBase58 } from "./base58.ts";

/**
 * The same few thousand addresses come again and again. Writing one as base58 costs ten times as much as finding it
 * here, and a text that was seen before need not be checked. Both tables are bounded: about 3 MB together.
 */
const SLOTS = 16_384;
const ADDRESS_BYTES = 32;
/** In the middle of an address: its beginning may be chosen by its owner, and the end is 0 for some programs. */
const HASHED_BYTE = 12;

const bytesOfSlot = new Uint8Array(SLOTS * ADDRESS_BYTES);
const textOfSlot: (string | undefined)[] = Array.from({ length: SLOTS });

/** Base58 of the address that stands in `bytes` from `start` on. */
export function encodeAddress(bytes: Uint8Array, start: number): string {
  const hashed = start + HASHED_BYTE;
  const slot = ((bytes[hashed] ?? 0) | ((bytes[hashed + 1] ?? 0) << 8)) & (SLOTS - 1);
  const base = slot * ADDRESS_BYTES;
  const known = textOfSlot[slot];
  if (known !== undefined) {
    let at = 0;
    while (at < ADDRESS_BYTES && bytes[start + at] === bytesOfSlot[base + at]) at++;
    if (at === ADDRESS_BYTES) return known;
  }
  for (let at = 0; at < ADDRESS_BYTES; at++) bytesOfSlot[base + at] = bytes[start + at] ?? 0;
  const text = encodeBase58(bytes, start, start + ADDRESS_BYTES);
  textOfSlot[slot] = text;
  return text;
}

const texts = new Map<string, string>();

/** The same text, one string for all its repetitions; null when it is not an address in base58. */
export function checkAddress(text: string): string | null {
  const known = texts.get(text);
  if (known !== undefined) return known;
  if (!isBase58(text, ADDRESS_BYTES, 44)) return null;
  if (texts.size >= SLOTS) texts.clear();
  texts.set(text, text);
  return text;
}
