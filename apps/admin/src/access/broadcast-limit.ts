import { systemClock, TokenBucket, type Clock } from "@commcoin/service/lifecycle";
import { ApiError } from "../api-error.ts";

interface BroadcastLimitOptions {
  /** 0 for any number. */
  readonly perSecond: number;
  readonly onLimited: () => void;
  readonly clock?: Clock;
}

/**
 * A hook that lets so many requests per second pass, and throws an `ApiError` for the others. For after the guard: strangers
 * use nothing up. Before the body is read: it bounds that work as well.
 */
export function createBroadcastLimit({
  perSecond,
  onLimited,
  clock = systemClock,
}: BroadcastLimitOptions): () => Promise<void> {
  const rate = { perSecond, burst: perSecond };
  const bucket = new TokenBucket(rate, clock.monotonic());
  return async () => {
    if (perSecond === 0) return;
    const waitMs = bucket.take(rate, clock.monotonic());
    if (waitMs === 0) return;
    onLimited();
    throw new ApiError(
      "rate_limited",
      `This server takes ${perSecond} messages per second (ADMIN_BROADCASTS_PER_SECOND); this one was not published, send it again.`,
      { "retry-after": String(Math.ceil(waitMs / 1_000)) },
    );
  };
}
