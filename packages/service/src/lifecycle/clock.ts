/** Source of the current time, so that tests can hold it in their hand. */
export interface Clock {
  /** Unix milliseconds; may jump when the system's clock is set. */
  now(): number;
  /** Milliseconds that only grow; for durations and deadlines. */
  monotonic(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};
