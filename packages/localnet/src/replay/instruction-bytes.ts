import { addressBytes } from "../wire/base58.ts";

const littleEndian =
  (size: number) =>
  (value: bigint | number): Uint8Array => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt(value));
    return bytes.subarray(0, size);
  };

export const u8 = (value: number): Uint8Array => Uint8Array.of(value);
export const u16 = littleEndian(2);
export const u32 = littleEndian(4);
export const u64 = littleEndian(8);
export const address = addressBytes;

/** A string of bincode: its length in eight bytes, then UTF-8. */
export const bincodeString = (text: string): Uint8Array => {
  const bytes = Buffer.from(text, "utf8");
  return joined(u64(bytes.length), bytes);
};

export const joined = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));
