/**
 * WebSocket close codes. The ranges, which Centrifugo made known, tell a client what to do: 3000–3499 and
 * 4000–4499 reconnect, 3500–3999 and 4500–4999 stay away.
 */
export const CLOSE_CODES = {
  shutdown: { code: 3001, reason: "shutdown" },
  token_expired: { code: 3005, reason: "token expired" },
  slow_consumer: { code: 3008, reason: "slow consumer" },
  write_error: { code: 3009, reason: "write error" },
  forced_reconnect: { code: 3011, reason: "forced reconnect" },
  no_pong: { code: 3012, reason: "no pong" },
  too_many_requests: { code: 3013, reason: "too many requests" },
  invalid_token: { code: 3500, reason: "invalid token" },
  bad_request: { code: 3501, reason: "bad request" },
  disconnected: { code: 3503, reason: "disconnected by an operator" },
  connection_limit: { code: 3504, reason: "connection limit" },
  permission_denied: { code: 3507, reason: "permission denied" },
  too_many_errors: { code: 3509, reason: "too many errors" },
} as const;
export type CloseName = keyof typeof CLOSE_CODES;

/** Sent by the WebSocket layer itself when a client's message is over the size limit (RFC 6455, section 7.4.1). */
export const MESSAGE_TOO_LARGE = 1009;

/** Whether a client that was closed with this code should connect again. Codes below 3000 are the transport's. */
export function shouldReconnect(code: number): boolean {
  if (code < 3000) return code !== MESSAGE_TOO_LARGE;
  return code < 3500 || (code >= 4000 && code < 4500) || code >= 5000;
}
