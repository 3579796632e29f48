const MARKET_DATA = Buffer.from('{"type":"MarketData"');
const TOKEN_FIELD = Buffer.from('"token_id":"');
const QUOTE = 0x22;
/** Frames that are remembered; beyond them the oldest are forgotten, and who still lacked one is told. */
const MAX_FRAMES = 20_000;

interface Entry {
  readonly offset: number;
  readonly frame: Uint8Array;
}

/**
 * The token that a `MarketData` frame is about; null for any other. Within JSON strings a quote is escaped, so that the first
 * match is the field.
 */
export function tokenOf(frame: Uint8Array): string | null {
  const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
  if (!bytes.subarray(0, MARKET_DATA.length).equals(MARKET_DATA)) return null;
  const at = bytes.indexOf(TOKEN_FIELD);
  const from = at + TOKEN_FIELD.length;
  const to = bytes.indexOf(QUOTE, from);
  return at < 0 || to < 0 ? null : bytes.toString("latin1", from, to);
}

/**
 * The newest frame of each token, once for all slow clients of a topic: what one of them lacks is what is here after its
 * position. A frame that is about no token is never superseded.
 */
export class NewestFrames {
  /** In the order of offsets, because whatever is replaced is put at the end. */
  readonly #byKey = new Map<string, Entry>();
  readonly #maxFrames: number;
  /** Up to here something may have been forgotten that was not superseded. */
  forgottenUpTo = 0;

  constructor(maxFrames = MAX_FRAMES) {
    this.#maxFrames = maxFrames;
  }

  get size(): number {
    return this.#byKey.size;
  }

  add(offset: number, frame: Uint8Array): void {
    const key = tokenOf(frame) ?? `#${offset}`;
    this.#byKey.delete(key);
    this.#byKey.set(key, { offset, frame: Buffer.from(frame) });
    if (this.#byKey.size <= this.#maxFrames) return;
    for (const [oldest, entry] of this.#byKey) {
      this.#byKey.delete(oldest);
      this.forgottenUpTo = entry.offset;
      return;
    }
  }

  /** In the order of offsets. */
  *from(offset: number): Generator<Entry> {
    for (const entry of this.#byKey.values()) {
      if (entry.offset >= offset) yield entry;
    }
  }

  /** For a new epoch. */
  clear(): void {
    this.#byKey.clear();
    this.forgottenUpTo = 0;
  }
}
