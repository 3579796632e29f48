/** Of one topic: what its other clients that were away will ask for, most probably. */
export const TOPIC_MAX_BYTES = 16_777_216;
/** Of all topics of a gateway together. */
const ALL_MAX_BYTES = 134_217_728;
/** So much may always be held: not more than a topic keeps anyway. */
const ALWAYS_BYTES = 262_144;

/** What a gateway holds of the past of all its topics. */
export interface HistoryMemory {
  bytes: number;
}

/**
 * Counts what was read of a topic's past and is held in memory for those who were away, so that a long past of large
 * messages is never held as a whole: what finds no room is read piece by piece, by whoever needs it.
 */
export class HistoryBudget {
  readonly #all: HistoryMemory;
  #bytes = 0;

  constructor(all: HistoryMemory) {
    this.#all = all;
  }

  get hasCapacity(): boolean {
    if (this.#bytes < ALWAYS_BYTES) return true;
    return this.#bytes < TOPIC_MAX_BYTES && this.#all.bytes < ALL_MAX_BYTES;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
    this.#all.bytes += bytes;
  }

  /** All of it was given back. */
  release(): void {
    this.#all.bytes -= this.#bytes;
    this.#bytes = 0;
  }
}
