/** What a close frame has room for beside its code (RFC 6455, section 5.5). */
const MAX_BYTES = 123;
const ELLIPSIS = "…";

/** A reason as it fits into a close frame: a longer one would end the connection without its code. */
export function closeReason(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= MAX_BYTES) return text;
  const head = bytes.subarray(0, MAX_BYTES - Buffer.byteLength(ELLIPSIS)).toString();
  // Where a character was cut in two.
  return head.replace(/\ufffd+$/, "") + ELLIPSIS;
}
