import { base58 } from "@scure/base";

/** Addresses repeat: half a million of them is more than a long run of the local node meets. */
const CACHE_LIMIT = 500_000;
const bytesOfAddress = new Map<string, Uint8Array>();

const textOfAddress = new Map<string, string>();

export const toBase58 = (bytes: Uint8Array): string => base58.encode(bytes);

/** The text of 32 bytes that name an account, cached. */
export const addressText = (bytes: Uint8Array): string => {
  const { buffer, byteOffset, length } = bytes;
  const id = Buffer.from(buffer, byteOffset, length).toString("latin1");
  const known = textOfAddress.get(id);
  if (known !== undefined) return known;
  const text = base58.encode(bytes);
  if (textOfAddress.size >= CACHE_LIMIT) textOfAddress.clear();
  textOfAddress.set(id, text);
  return text;
};

/** @throws when the text is not base58. */
export const fromBase58 = (text: string): Uint8Array => base58.decode(text);

/** The 32 bytes of an address, cached. @throws when the text is no address. */
export const addressBytes = (address: string): Uint8Array => {
  const known = bytesOfAddress.get(address);
  if (known) return known;
  const bytes = base58.decode(address);
  if (bytes.length !== 32) throw new Error(`Not an address (${bytes.length} bytes): ${address}`);
  if (bytesOfAddress.size >= CACHE_LIMIT) bytesOfAddress.clear();
  bytesOfAddress.set(address, bytes);
  return bytes;
};

const isBase58OfLength = (text: string, bytes: number): boolean => {
  // 32 bytes are at most 44 characters of base58, 64 bytes at most 88.
  if (text.length > Math.ceil(bytes * 1.37)) return false;
  try {
    return base58.decode(text).length === bytes;
  } catch {
    return false;
  }
};

export const isAddress = (text: string): boolean => bytesOfAddress.has(text) || isBase58OfLength(text, 32);
export const isSignature = (text: string): boolean => isBase58OfLength(text, 64);
