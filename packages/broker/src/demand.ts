/** A holder that did not declare its demand for so long is gone, and what it wanted with it: as long as in the registry. */
export { GONE_AFTER_MS as DEMAND_TTL_MS } from "./registry.ts";

/** What one holder wants from now on, and no longer. */
export interface DemandChange {
  readonly want: readonly string[];
  readonly leave: readonly string[];
}

/**
 * Which addresses somebody has to watch, because clients of at least one gateway want it. Each gateway is a holder and
 * declares what its own clients want; what all of them want together is bounded, and the bound holds whatever they do
 * at the same time. A holder that does not declare anything for `DEMAND_TTL_MS` wants nothing any more.
 */
export interface Demand {
  /**
   * Changes what a holder wants. What others want already costs nothing of the bound.
   * @param limit the most addresses that may be wanted in total.
   * @returns those of `want` that would go beyond it: they are not wanted now. The earlier ones are let in first.
   * @throws {BrokerUnavailableError} when it is not known what was changed; doing it again is safe.
   */
  change(holder: string, change: DemandChange, limit: number): Promise<readonly string[]>;
  /**
   * Says everything that a holder wants, in place of what it wanted before, and that it lives: to be done every
   * `HEARTBEAT_INTERVAL_MS`, so that a broker that lost its data learns it again.
   * @returns as `change`.
   */
  declare(holder: string, addresses: readonly string[], limit: number): Promise<readonly string[]>;
  /** Ends everything that a holder wants, at once. */
  withdraw(holder: string): Promise<void>;
  /** Everything that is wanted, each address once, in no order. */
  wanted(): Promise<readonly string[]>;
  /**
   * Tells soon after what is wanted has changed. It may be missed: whoever has to know reads `wanted` now and then.
   * A holder that dies is not told of.
   * @returns a function that stops it.
   */
  listen(changed: () => void): Promise<() => void>;
}

/** Holders and addresses stand in one list, divided by a space. */
const WORD = /^[!-~]{1,256}$/;

/** @throws {RangeError} when something is not one word of ASCII characters: a mistake of the caller's. */
export function checkDemand(holder: string, addresses: readonly string[] = []): void {
  const wrong = [holder, ...addresses].find((word) => !WORD.test(word));
  if (wrong !== undefined)
    throw new RangeError(`Not a word of 1 to 256 ASCII characters: ${JSON.stringify(wrong)}`);
}
