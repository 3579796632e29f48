const THIRTY_DAYS_MS = 2_592_000_000;

/**
 * How long a topic's epoch and offset live after the last message: much longer than its messages, so that a client that
 * comes back finds its position valid whenever anything of it could be.
 */
export const metaTtlMs = (maxAgeMs: number): number => Math.max(THIRTY_DAYS_MS, 10 * maxAgeMs);

/** How long the epoch of a topic lives that nobody published to; clients may ask for any number of them. */
export const EMPTY_TOPIC_TTL_MS = 3_600_000;
