/** Knows how fast a node's slots come, and when they stopped. Times are milliseconds that only grow. */
export interface SlotWatch {
  /** A slot was announced. */
  seen(slot: number, now: number): void;
  /** Nothing can be expected to have arrived until now: that is no stall, but the newest slot grows old all the same. */
  paused(now: number): void;
  /** How long no slot came, when that is too long; else null. */
  stalledMs(now: number): number | null;
  readonly slot: number | null;
  /** When the newest slot was announced, or watching began. */
  readonly at: number;
}

/** So many usual intervals without a slot are a stall: skipped leaders come in groups of four slots. */
const STALL_INTERVALS = 8;
/** Weight of the newest interval in the average. */
const WEIGHT = 0.1;

/** Slot times differ between networks and change over the years, so the usual interval is measured. */
export function createSlotWatch(startedAt: number, minStallMs: number): SlotWatch {
  let slot: number | null = null;
  let at = startedAt;
  let pausedAt = startedAt;
  let interval = 0;
  const silentMs = (now: number): number => now - Math.max(at, pausedAt);
  return {
    seen(next, now) {
      const latest = silentMs(now);
      if (slot !== null) interval = interval === 0 ? latest : interval + WEIGHT * (latest - interval);
      slot = slot === null ? next : Math.max(slot, next);
      at = now;
    },
    paused(now) {
      pausedAt = now;
    },
    stalledMs(now) {
      const silent = silentMs(now);
      return silent > Math.max(minStallMs, STALL_INTERVALS * interval) ? silent : null;
    },
    get slot() {
      return slot;
    },
    get at() {
      return at;
    },
  };
}
