const TS_FIELD = Buffer.from(',"ts":');
const DIGIT_0 = 48;

/**
 * Reads the publishing time out of an event frame, Unix milliseconds; null when it is not there. The field stands
 * before `data`, and within JSON strings a quote is escaped, so that the first match is the field.
 */
export function publishedAt(frame: Uint8Array): number | null {
  const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
  const at = bytes.indexOf(TS_FIELD);
  if (at < 0) return null;
  let value = 0;
  for (let index = at + TS_FIELD.length; index < bytes.length; index += 1) {
    const digit = (bytes[index] ?? 0) - DIGIT_0;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  return value;
}
