/** Whoever was asked must answer within this: the server, or the application's callback for tokens. */
export const ANSWER_TIMEOUT_MS = 10_000;

/** The same for a page that is looked at again: somebody waits. */
export const PROOF_TIMEOUT_MS = 2_000;

/** Until `connected`: longer than the gateway waits for a token (10 s), whose close code then says what was missing. */
export const CONNECT_TIMEOUT_MS = 15_000;
