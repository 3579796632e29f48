import { encodeAddress } from "./address-cache.ts";
import { decodeBase58Into, MAX_DECODED_BYTES } from "./base58.ts";
import type { RawInstruction } from "./raw-transaction.ts";

const ADDRESS_BYTES = 32;
const text = new TextDecoder();

/**
 * Reads one instruction after the other without allocating for each: data front to back, accounts by place.
 * A read past the end gives 0 or "" and clears `ok`; whoever decodes looks at `ok` once, at the end.
 */
export class InstructionCursor {
  /** Whether everything that was read since the start was there. */
  ok = true;
  #keys: readonly string[] = [];
  #accounts: ArrayLike<number> = [];
  #accountsFrom = 0;
  #accountsTo = 0;
  readonly #scratch = new Uint8Array(MAX_DECODED_BYTES);
  readonly #scratchView = new DataView(this.#scratch.buffer);
  /** Of the memory that the last instruction in wire format was in: the next one is mostly in the same. */
  #wire: Uint8Array = this.#scratch;
  #wireView: DataView = this.#scratchView;
  #bytes: Uint8Array = this.#scratch;
  #view: DataView = this.#scratchView;
  #at = 0;
  #end = 0;

  /**
   * Starts on an instruction of a transaction whose accounts are `keys`. `ok` is false when its data is not
   * base58 or longer than a transaction.
   */
  load(instruction: RawInstruction, keys: readonly string[]): void {
    const { accounts, data } = instruction;
    this.#keys = keys;
    this.#accounts = accounts;
    this.#accountsFrom = 0;
    this.#accountsTo = accounts.length;
    if (typeof data === "string") {
      const length = decodeBase58Into(data, this.#scratch);
      this.#bytes = this.#scratch;
      this.#view = this.#scratchView;
      this.#at = 0;
      this.#end = length < 0 ? 0 : length;
      this.ok = length >= 0;
    } else {
      if (data.buffer !== this.#wire.buffer) {
        this.#wire = new Uint8Array(data.buffer);
        this.#wireView = new DataView(data.buffer);
      }
      this.#bytes = this.#wire;
      this.#view = this.#wireView;
      this.#at = data.byteOffset;
      this.#end = data.byteOffset + data.length;
      this.ok = true;
    }
  }

  /** Bytes that are not read yet. */
  get left(): number {
    return this.#end - this.#at;
  }

  get accountCount(): number {
    return this.#accountsTo - this.#accountsFrom;
  }

  /** Address of the instruction's account at `place`. */
  account(place: number): string {
    const at = this.#accountsFrom + place;
    const key = at < this.#accountsTo ? this.#keys[this.#accounts[at] ?? -1] : undefined;
    if (key === undefined) this.ok = false;
    return key ?? "";
  }

  u8(): number {
    const at = this.#take(1);
    return at < 0 ? 0 : this.#view.getUint8(at);
  }

  u16(): number {
    const at = this.#take(2);
    return at < 0 ? 0 : this.#view.getUint16(at, true);
  }

  i16(): number {
    const at = this.#take(2);
    return at < 0 ? 0 : this.#view.getInt16(at, true);
  }

  u32(): number {
    const at = this.#take(4);
    return at < 0 ? 0 : this.#view.getUint32(at, true);
  }

  u64(): bigint {
    const at = this.#take(8);
    return at < 0 ? 0n : this.#view.getBigUint64(at, true);
  }

  /** Eight bytes as one big-endian number, the way a discriminator is written down in hex. */
  discriminator(): bigint {
    const at = this.#take(8);
    return at < 0 ? 0n : this.#view.getBigUint64(at, false);
  }

  i64(): bigint {
    const at = this.#take(8);
    return at < 0 ? 0n : this.#view.getBigInt64(at, true);
  }

  f64(): number {
    const at = this.#take(8);
    return at < 0 ? 0 : this.#view.getFloat64(at, true);
  }

  address(): string {
    const at = this.#take(ADDRESS_BYTES);
    return at < 0 ? "" : encodeAddress(this.#bytes, at);
  }

  /** UTF-8 text of `length` bytes; what is not UTF-8 becomes U+FFFD. */
  text(length: number): string {
    const at = this.#take(length);
    return at < 0 ? "" : text.decode(this.#bytes.subarray(at, at + length));
  }

  /** Goes back to the byte that was read last. */
  back(): void {
    this.#at--;
  }

  /**
   * Runs `read` on the next `bytes` of data and on the accounts from `firstAccount`, as if they were an
   * instruction of their own, and goes on behind them. `ok` turns false when they reach beyond this instruction.
   */
  nested(bytes: number, firstAccount: number, accountCount: number, read: () => void): void {
    const { ok } = this;
    const at = this.#take(bytes);
    const [from, to, end] = [this.#accountsFrom, this.#accountsTo, this.#end];
    if (at < 0 || from + firstAccount + accountCount > to) {
      this.ok = false;
      return;
    }
    this.#at = at;
    this.#end = at + bytes;
    this.#accountsFrom = from + firstAccount;
    this.#accountsTo = this.#accountsFrom + accountCount;
    read();
    this.ok = ok;
    this.#at = at + bytes;
    this.#end = end;
    this.#accountsFrom = from;
    this.#accountsTo = to;
  }

  #take(bytes: number): number {
    const at = this.#at;
    if (bytes > this.#end - at) {
      this.ok = false;
      this.#at = this.#end;
      return -1;
    }
    this.#at = at + bytes;
    return at;
  }
}
