/**
 * A node's answer cannot be read as a transaction: another encoding, a shape that no node sends, or a wire format
 * that is newer than this decoder. The only error that decoding throws.
 */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
}
