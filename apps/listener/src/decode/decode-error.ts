/**
 * A node's answer cannot be read as a transaction: another encoding, a shape that no node sends, or a wire format
 * that is newer than this decoder. The only error that decoding throws.
 */
export class DecodeError extends Error {
  override readonly name: string = "DecodeError";
}

/** The transaction is of a version that came after this decoder: what it does is not guessed at. */
export class UnknownVersionError extends DecodeError {
  override readonly name = "UnknownVersionError";
  readonly version: number;

  constructor(version: number) {
    super(`transactions of version ${version} are unknown to this listener; look for a newer one`);
    this.version = version;
  }
}
