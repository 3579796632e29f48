/** How fast something may happen, and how much of it at once. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** Counts against a rate without a timer: what came back since the last use is added on use. */
export class TokenBucket {
  #tokens: number;
  #at: number;

  constructor({ burst }: Rate, nowMs: number) {
    this.#tokens = burst;
    this.#at = nowMs;
  }

  #refill({ perSecond, burst }: Rate, nowMs: number): void {
    const back = (Math.max(0, nowMs - this.#at) / 1_000) * perSecond;
    this.#tokens = Math.min(burst, this.#tokens + back);
    this.#at = nowMs;
  }

  /** How many tokens there are; negative when it was overdrawn. */
  left(rate: Rate, nowMs: number): number {
    this.#refill(rate, nowMs);
    return this.#tokens;
  }

  /**
   * Takes tokens, one if nothing else is said, even where there are none, so that how far somebody went over the limit can
   * be told.
   * @returns what is left; negative when it was not there.
   */
  overdraw(rate: Rate, nowMs: number, count = 1): number {
    this.#refill(rate, nowMs);
    this.#tokens -= count;
    return this.#tokens;
  }

  /**
   * Takes one token if there is one: however many ask in vain, the rate goes on for those who come then.
   * @returns 0 when it was there, else the milliseconds until one is.
   */
  take(rate: Rate, nowMs: number): number {
    this.#refill(rate, nowMs);
    if (this.#tokens < 1) return ((1 - this.#tokens) / rate.perSecond) * 1_000;
    this.#tokens -= 1;
    return 0;
  }
}
