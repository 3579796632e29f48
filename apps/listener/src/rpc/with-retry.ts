import { createBackoff, sleep, type BackoffOptions } from "@commcoin/service/lifecycle";
import type { RpcTransport } from "@solana/kit";
import { isTransient, retryAfterMs } from "./transient.ts";

export interface RetryOptions extends BackoffOptions {
  /** How often a request is sent at most. */
  readonly attempts: number;
  /** Waits; the real clock by default. */
  readonly wait?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** Sends a request again after a failure that may pass, with full jitter, and never before `Retry-After`. */
export const withRetry = (
  transport: RpcTransport,
  { attempts, wait = sleep, ...backoffOptions }: RetryOptions,
): RpcTransport =>
  async function <Response>(config: Parameters<RpcTransport>[0]) {
    const backoff = createBackoff(backoffOptions);
    for (let left = attempts - 1; ; left -= 1) {
      try {
        return await transport<Response>(config);
      } catch (error) {
        if (left <= 0 || config.signal?.aborted === true || !isTransient(error)) throw error;
        await wait(retryAfterMs(error, Date.now()) + backoff.next(), config.signal);
      }
    }
  };
