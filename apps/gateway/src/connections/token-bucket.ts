/** How fast something may happen, and how much of it at once. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/**
 * Counts against a rate without a timer: what came back since the last use is added on use. It may be overdrawn, so
 * that how far somebody went over the limit can be told.
 */
export class TokenBucket {
  #tokens: number;
  #at: number;

  constructor({ burst }: Rate, nowMs: number) {
    this.#tokens = burst;
    this.#at = nowMs;
  }

  /** Takes one token. @returns what is left; negative when it was not there. */
  take({ perSecond, burst }: Rate, nowMs: number): number {
    const back = (Math.max(0, nowMs - this.#at) / 1_000) * perSecond;
    this.#tokens = Math.min(burst, this.#tokens + back) - 1;
    this.#at = nowMs;
    return this.#tokens;
  }
}
