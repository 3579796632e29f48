/** Messages in a page of history, at most and by default. */
export const HISTORY_LIMIT = 300;

/** So many messages may wait for a loop by default. */
export const DEFAULT_BUFFER = 1_000;
