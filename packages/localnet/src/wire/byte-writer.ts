import { compactLength } from "./byte-reader.ts";

const FIRST_BYTES = 1_280;

/** Writes the compact layout of Solana transactions. */
export const createByteWriter = () => {
  let bytes = new Uint8Array(FIRST_BYTES);
  let length = 0;
  const room = (more: number): void => {
    if (length + more <= bytes.length) return;
    const larger = new Uint8Array(Math.max(bytes.length * 2, length + more));
    larger.set(bytes.subarray(0, length));
    bytes = larger;
  };
  const byte = (value: number): void => {
    room(1);
    bytes[length] = value;
    length += 1;
  };
  const put = (part: ArrayLike<number>): void => {
    room(part.length);
    bytes.set(part, length);
    length += part.length;
  };
  return {
    byte,
    put,
    /** A list: how many, then each. */
    list: <Item>(items: readonly Item[], write: (item: Item) => void): void => {
      put(compactLength(items.length));
      for (const item of items) write(item);
    },
    /** Bytes, and before them how many. */
    sized: (part: ArrayLike<number>): void => {
      put(compactLength(part.length));
      put(part);
    },
    written: (): Uint8Array => bytes.slice(0, length),
  };
};

export type ByteWriter = ReturnType<typeof createByteWriter>;
