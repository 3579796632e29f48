/**
 * Codes of `error` frames. One that answers a request never closes the connection; one that comes before `connected` says
 * why the connection is about to be closed.
 */
export const ERROR_CODES = [
  "bad_json",
  "bad_message",
  "bad_query",
  "unknown_type",
  "bad_topic",
  "unknown_topic",
  "forbidden",
  "not_subscribed",
  "too_many_subscriptions",
  "rate_limited",
  "unauthorized",
  "token_expired",
  "internal",
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** Why a connection was refused before it became a WebSocket; the body of that HTTP answer names one. */
export const REFUSALS = {
  forbidden_origin: 403,
  not_found: 404,
  rate_limited: 429,
  address_limit: 429,
  server_full: 503,
  pending_limit: 503,
  draining: 503,
} as const;
export type RefusalCode = keyof typeof REFUSALS;
