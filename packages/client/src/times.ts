/** Whoever was asked must answer within this: the server, or the application's callback for tokens. */
export const ANSWER_TIMEOUT_MS = 10_000;

/** The same for a page that is looked at again: somebody waits. */
export const PROOF_TIMEOUT_MS = 2_000;

/** Until `connected`: longer than the gateway waits for a token (10 s), whose close code then says what was missing. */
export const CONNECT_TIMEOUT_MS = 15_000;

/** A connection that lasted this long was a success: the next failure is a first one again. */
export const LASTING_MS = 5_000;

/** What the server's ping may be late. Browsers do not show pings, so silence is measured by frames. */
export const SILENCE_GRACE_MS = 10_000;

/** A token is renewed this long before it expires, or at three quarters of what is left of a short one. */
export const REFRESH_LEAD_MS = 30_000;
/** A clock that is wrong must not make a loop. */
export const REFRESH_MIN_MS = 5_000;
/** Timers cannot be longer than 2^31 - 1 ms; once a day is often enough. */
export const REFRESH_MAX_MS = 86_400_000;
/** A refresh that failed is tried again after this, plus as much again at random. */
export const REFRESH_RETRY_MS = 5_000;
