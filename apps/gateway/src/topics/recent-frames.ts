import type { Delivery } from "@commcoin/broker";

/** Cut-off entries stay in the array until there are so many, so that removing one is cheap. */
const COMPACT_AT = 256;

/**
 * A frame often is a small window of a large buffer that arrived from the network. Kept for long, it would keep all of
 * that alive, and so would a copy in Node's pool, which has 64 KB from Node 24 on.
 */
function ownMemory(frame: Uint8Array): Uint8Array {
  const { byteLength } = frame.buffer;
  if (byteLength <= 16 * 1024 || frame.byteLength * 2 >= byteLength) return frame;
  const own = Buffer.allocUnsafeSlow(frame.byteLength);
  own.set(frame);
  return own;
}

const EMPTY = new Uint8Array(0);

/** A topic with many subscribers has many who may come back at once; one with few can ask the broker for each. */
const FRAMES_PER_MEMBER = 4;
const FRAMES_MIN = 8;
const FRAMES_MAX = 512;
const BYTES_MAX = 262_144;

/** The newest frames of a topic, without holes, up to the topic's position. */
export class RecentFrames {
  #frames: Uint8Array[] = [];
  #start = 0;
  #first: number;
  #bytes = 0;

  constructor(position: number) {
    this.#first = position + 1;
  }

  /** Offset of the oldest frame held; one more than the position when none is. */
  get first(): number {
    return this.#first;
  }

  get last(): number {
    return this.#first + this.size - 1;
  }

  get size(): number {
    return this.#frames.length - this.#start;
  }

  get bytes(): number {
    return this.#bytes;
  }

  at(offset: number): Uint8Array | undefined {
    return offset < this.#first ? undefined : this.#frames[this.#start + offset - this.#first];
  }

  /** Adds the frame of offset `last + 1`. */
  append(frame: Uint8Array): void {
    const own = ownMemory(frame);
    this.#frames.push(own);
    this.#bytes += own.byteLength;
  }

  /** Adds what lies directly before `first`; ignores deliveries that are held already or do not connect. */
  prepend(deliveries: readonly Delivery[]): void {
    const older = deliveries.filter(({ offset }) => offset < this.#first);
    if (older.length === 0 || older.at(-1)?.offset !== this.#first - 1) return;
    const own = older.map(({ frame }) => ownMemory(frame));
    this.#frames = [...own, ...this.#frames.slice(this.#start)];
    this.#start = 0;
    this.#first -= own.length;
    this.#bytes += own.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** Drops the oldest until no more than this is held. */
  trim(maxFrames: number, maxBytes: number): void {
    while (this.size > 0 && (this.size > maxFrames || this.#bytes > maxBytes)) this.#dropOldest();
  }

  /** Drops what so many subscribers do not need when they come back. */
  trimFor(members: number): void {
    this.trim(Math.min(FRAMES_MAX, FRAMES_MIN + FRAMES_PER_MEMBER * members), BYTES_MAX);
  }

  /** Starts again, empty, after this offset. */
  restart(offset: number): void {
    this.#frames = [];
    this.#start = 0;
    this.#first = offset + 1;
    this.#bytes = 0;
  }

  #dropOldest(): void {
    this.#bytes -= this.#frames[this.#start]?.byteLength ?? 0;
    // The slot stays until the array is cut, the frame does not.
    this.#frames[this.#start] = EMPTY;
    this.#start += 1;
    this.#first += 1;
    if (this.#start >= COMPACT_AT && this.#start * 2 >= this.#frames.length) {
      this.#frames = this.#frames.slice(this.#start);
      this.#start = 0;
    }
  }
}
