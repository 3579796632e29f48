const BACKOFF_MIN_MS = 500;
const BACKOFF_MAX_MS = 20_000;

/**
 * Full jitter: the delay before attempt 0, 1, 2 … is uniform between the minimum and a ceiling that doubles up to the
 * maximum, so that clients that were cut off together do not come back together. The formula is centrifuge-js'
 * (src/utils.ts).
 * @param random uniform in [0, 1).
 */
export function backoff(attempt: number, random: number): number {
  const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** attempt);
  return Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS + random * ceiling);
}
