const CLIENT_MASK = Buffer.from([0, 0, 0, 0]);
const MASKED = 0x80;

export const FIN = 0x80;
export const opcode = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

/**
 * A WebSocket frame as a client sends it, byte by byte as wanted.
 * @param first the first byte: FIN, reserved bits and opcode.
 * @param claimed the length that its header names; that of the payload by default.
 */
export function clientFrame(
  first: number,
  payload: string | Buffer = "",
  claimed = Buffer.byteLength(payload),
): Buffer {
  const body = Buffer.from(payload);
  const short = claimed < 126;
  const header = Buffer.alloc(short ? 2 : claimed < 65_536 ? 4 : 10);
  header[0] = first;
  if (short) {
    header[1] = MASKED | claimed;
  } else if (claimed < 65_536) {
    header[1] = MASKED | 126;
    header.writeUInt16BE(claimed, 2);
  } else {
    header[1] = MASKED | 127;
    header.writeBigUInt64BE(BigInt(claimed), 2);
  }
  // A mask of zeros leaves the payload as it is.
  return Buffer.concat([header, CLIENT_MASK, body]);
}
