/** Reads the compact layout of Solana transactions. @throws {RangeError} past the end. */
export const createByteReader = (bytes: Uint8Array) => {
  let position = 0;
  const take = (length: number): Uint8Array => {
    if (position + length > bytes.length) {
      throw new RangeError(`Ended at byte ${bytes.length}, wanted ${position + length}`);
    }
    const part = bytes.subarray(position, position + length);
    position += length;
    return part;
  };
  const byte = (): number => take(1)[0] ?? 0;
  /** Compact-u16: seven bits a byte, least significant first, at most three bytes. */
  const compact = (): number => {
    let value = 0;
    for (let shift = 0; shift < 21; shift += 7) {
      const next = byte();
      value |= (next & 0x7f) << shift;
      if ((next & 0x80) === 0) return value;
    }
    throw new RangeError("A length of more than three bytes");
  };
  const list = <T>(read: () => T): T[] => Array.from({ length: compact() }, read);
  return {
    take,
    byte,
    compact,
    list,
    rest: () => take(bytes.length - position),
    peek: () => bytes[position],
    position: () => position,
    atEnd: () => position === bytes.length,
  };
};

/** Compact-u16 as bytes. */
export const compactLength = (value: number): number[] => {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>= 7;
  }
  bytes.push(rest);
  return bytes;
};
