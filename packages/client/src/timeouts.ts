/** Whoever was asked must answer within this: the server, or the application's callback for tokens. */
export const ANSWER_TIMEOUT_MS = 10_000;

/** Until `connected`: longer than the gateway waits for a token (10 s), whose close code then says what was missing. */
export const CONNECT_TIMEOUT_MS = 15_000;
