/**
 * Most trades of a token that are remembered while their slots are not settled. At a hundred trades a second that
 * is over three minutes, several times what an audit needs to settle a slot.
 */
const MAX_UNSETTLED = 20_000;

/**
 * Remembers which trades were counted. The ids of trades in settled slots are forgotten: such a trade is known to
 * be counted by its slot.
 */
export class CountedTrades {
  /** Slot by event id, in order of arrival. */
  readonly #slots: Map<string, number>;
  #settledSlot: number;

  constructor(settledSlot = -1, slots: Iterable<readonly [id: string, slot: number]> = []) {
    this.#slots = new Map(slots);
    this.#settledSlot = settledSlot;
  }

  /** Every trade up to and including this slot was counted. */
  get settledSlot(): number {
    return this.#settledSlot;
  }

  get unsettled(): [id: string, slot: number][] {
    return [...this.#slots];
  }

  has(id: string, slot: number): boolean {
    return slot <= this.#settledSlot || this.#slots.has(id);
  }

  /** Counts a trade; false when it was counted before. */
  count(id: string, slot: number): boolean {
    if (this.has(id, slot)) return false;
    this.#slots.set(id, slot);
    if (this.#slots.size > MAX_UNSETTLED) {
      for (const oldest of this.#slots.keys()) {
        this.#slots.delete(oldest);
        break;
      }
    }
    return true;
  }

  settle(slot: number): void {
    if (slot <= this.#settledSlot) return;
    this.#settledSlot = slot;
    for (const [id, traded] of this.#slots) if (traded <= slot) this.#slots.delete(id);
  }
}
