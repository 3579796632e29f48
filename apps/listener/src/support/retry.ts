import { createBackoff, sleep, type BackoffOptions } from "@commcoin/service/lifecycle";
import { errorText } from "./error-text.ts";
import type { ThrottledLog } from "./throttled-log.ts";

export interface RetryOptions {
  readonly throttledLog: ThrottledLog;
  readonly signal: AbortSignal;
  readonly backoff?: BackoffOptions;
  /** Waits between two attempts; the whole time by default. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Logged with each failure. */
  readonly fields?: object;
}

const BACKOFF = { minMs: 200, maxMs: 10_000 };

/**
 * Asks until there is an answer; null when the signal aborts first.
 * @param what what is told of a failure.
 */
export async function retry<Answer>(
  what: string,
  ask: () => Promise<Answer>,
  { throttledLog, signal, backoff: pace = BACKOFF, pause = sleep, fields = {} }: RetryOptions,
): Promise<Answer | null> {
  const backoff = createBackoff(pace);
  while (!signal.aborted) {
    try {
      return await ask();
    } catch (error) {
      if (signal.aborted) break;
      const delayMs = Math.round(backoff.next());
      throttledLog.warn({ ...fields, retry_in_ms: delayMs, error: errorText(error) }, what);
      await pause(delayMs, signal);
    }
  }
  return null;
}
