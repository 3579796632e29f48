/** How many slots the keys of a Redis Cluster are spread over. */
export const SLOTS = 16_384;

/** CRC-16/XMODEM, as the Redis Cluster specification wants it. */
const CRC16 = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc & 0x80_00) === 0 ? crc << 1 : (crc << 1) ^ 0x10_21;
  return crc;
});

const crc16Of = (bytes: Uint8Array): number => {
  let crc = 0;
  for (const byte of bytes) crc = ((crc << 8) & 0xff_ff) ^ (CRC16[(crc >> 8) ^ byte] ?? 0);
  return crc;
};

/**
 * The slot of a key or channel: that of its hash tag, where it has one that is not empty.
 * Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/ (hash tags, appendix A).
 */
export function slotOf(key: string): number {
  const open = key.indexOf("{");
  const close = open < 0 ? -1 : key.indexOf("}", open + 1);
  const hashed = close > open + 1 ? key.slice(open + 1, close) : key;
  return crc16Of(Buffer.from(hashed)) % SLOTS;
}
