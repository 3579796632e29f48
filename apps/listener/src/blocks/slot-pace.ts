/**
 * Learns how long after its announcement a block can be had: a slot is announced when it begins, and its block is
 * confirmed a slot or two later. Asking at the right moment makes one request per block. Nothing of it is hard-coded:
 * slot times change over the years and differ between networks.
 */
export interface SlotPace {
  /** Milliseconds to wait after an announcement. */
  readonly delayMs: number;
  /** Milliseconds to wait before a block that was not there is asked for again, for the nth time from 1 on. */
  retryMs(refusals: number): number;
  /** The first request brought the block. */
  inTime(): void;
  /** A block was not there after so many milliseconds, and there after so many. */
  early(refusedAfterMs: number, foundAfterMs: number): void;
}

const MAX_DELAY_MS = 5_000;
/** Each block that was there at once makes the next request so much earlier, to find out when it is too early. */
const EARLIER = 0.997;
/** Weight of what was found to be too early. */
const WEIGHT = 0.5;
const MIN_RETRY_MS = 25;
const MAX_RETRY_MS = 1_000;
const RETRY_SHARE = 0.25;
const RETRY_GROWTH = 1.5;

export function createSlotPace(): SlotPace {
  let delayMs = 0;
  return {
    get delayMs() {
      return delayMs;
    },
    retryMs(refusals) {
      const first = Math.max(MIN_RETRY_MS, delayMs * RETRY_SHARE);
      return Math.min(MAX_RETRY_MS, first * RETRY_GROWTH ** (refusals - 1));
    },
    inTime() {
      delayMs *= EARLIER;
    },
    early(refusedAfterMs, foundAfterMs) {
      const due = (refusedAfterMs + foundAfterMs) / 2;
      delayMs = Math.min(MAX_DELAY_MS, delayMs + WEIGHT * Math.max(0, due - delayMs));
    },
  };
}
