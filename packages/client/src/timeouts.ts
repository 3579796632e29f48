/** Whoever was asked must answer within this: the server, or the application's callback for tokens. */
export const ANSWER_TIMEOUT_MS = 10_000;
