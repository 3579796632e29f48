import { DecodeError } from "./decode-error.ts";
import { encodeAddress } from "./address-cache.ts";
import { encodeBase58 } from "./base58.ts";

const ADDRESS_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** Reads the pieces of Solana's wire format one after the other; throws DecodeError at the end of the bytes. */
export class WireReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    // Not a Buffer: cutting pieces off one costs three times as much.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** The next byte, which stays unread. */
  peek(): number {
    return this.#bytes[this.#advance(0, 1)] ?? 0;
  }

  byte(): number {
    return this.#bytes[this.#advance(1)] ?? 0;
  }

  /** A compact-u16: seven bits a byte, lowest first, three bytes at most. */
  compact(): number {
    let value = 0;
    for (let shift = 0; shift < 21; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new DecodeError("The wire transaction holds a length of more than three bytes");
  }

  bytes(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  skip(length: number): void {
    this.#advance(length);
  }

  address(): string {
    const start = this.#advance(ADDRESS_BYTES);
    return encodeAddress(this.#bytes, start);
  }

  signature(): string {
    const start = this.#advance(SIGNATURE_BYTES);
    return encodeBase58(this.#bytes, start, start + SIGNATURE_BYTES);
  }

  /** Moves on by `length`, for which `needed` bytes must be left; returns where it stood. */
  #advance(length: number, needed = length): number {
    if (needed > this.left) {
      throw new DecodeError(
        `The wire transaction ends early: ${needed} more bytes expected, ${this.left} left`,
      );
    }
    const start = this.#at;
    this.#at += length;
    return start;
  }
}
