export const TEXT = 0x81;
export const BINARY = 0x82;
export const CLOSE = 0x88;
export const PING = 0x89;
export const CONTINUATION = 0x80;
/** Without the final bit: more of the message follows. */
export const TEXT_BEGIN = 0x01;

export const MASK = [1, 2, 3, 4] as const;

/** Bytes that say how long a frame is (RFC 6455 §5.2), with the bit that says that it is masked. */
function lengthBytes(length: number): readonly number[] {
  if (length < 126) return [length | 0x80];
  if (length < 65_536) return [126 | 0x80, length >> 8, length & 0xff];
  const wide = Buffer.alloc(8);
  wide.writeBigUInt64BE(BigInt(length));
  return [127 | 0x80, ...wide];
}

/** A frame of a client; `first` is its first byte: final bit, reserved bits, opcode. */
export function clientFrame(first: number, payload: Buffer | string): Buffer {
  const hidden = Buffer.from(payload);
  for (let index = 0; index < hidden.length; index += 1) {
    hidden[index] = (hidden[index] ?? 0) ^ (MASK[index % 4] ?? 0);
  }
  return Buffer.concat([Buffer.from([first, ...lengthBytes(hidden.length), ...MASK]), hidden]);
}
