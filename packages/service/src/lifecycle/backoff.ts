export interface BackoffOptions {
  readonly minMs: number;
  readonly maxMs: number;
  /** Uniform in [0, 1); `Math.random` by default. */
  readonly random?: () => number;
}

export interface Backoff {
  /** Milliseconds to wait before the next attempt. */
  next(): number;
  /** Call when an attempt proved healthy. */
  reset(): void;
}

/**
 * Exponential back-off with full jitter: each delay is uniform between `minMs` and a ceiling that doubles with every
 * attempt up to `maxMs`, so that many clients that failed together do not come back together.
 */
export function createBackoff({ minMs, maxMs, random = Math.random }: BackoffOptions): Backoff {
  let attempt = 0;
  return {
    next() {
      const ceiling = Math.min(maxMs, minMs * 2 ** attempt);
      attempt = Math.min(attempt + 1, 30);
      return Math.min(maxMs, minMs + random() * ceiling);
    },
    reset() {
      attempt = 0;
    },
  };
}
