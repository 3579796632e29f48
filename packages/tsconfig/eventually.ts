import { vi } from "vitest";

/** A busy machine stalls for seconds: what holds in the end must not fail for that. */
const PATIENCE_MS = 20_000;
const POLL_MS = 20;

/**
 * Waits until `check` throws no more, with fake timers in their time.
 *
 * @returns what `check` returned. @throws what it threw last, after `timeoutMs` of real time.
 */
export const eventually = <Result>(
  check: () => Result | Promise<Result>,
  timeoutMs = PATIENCE_MS,
): Promise<Result> => vi.waitFor(check, { timeout: timeoutMs, interval: POLL_MS });
