/** Close codes of the WebSocket layer (RFC 6455, section 7.4.1). */
export const NORMAL_CLOSURE = 1000;
export const ABNORMAL_CLOSURE = 1006;
/** Sent by the WebSocket layer for a message over the size limit (RFC 6455, section 7.4.1): it would be again. */
const MESSAGE_TOO_LARGE = 1009;

/** The server's close codes that concern the token: it ran out, or it was not accepted. */
export const TOKEN_EXPIRED = 3005;
export const INVALID_TOKEN = 3500;

/**
 * Whether to connect again after a close code. The ranges are the server's promise: 3000–3499 and 4000–4499 (and what is
 * above 4999) come back, 3500–3999 and 4500–4999 stay away; codes below 3000 are the transport's.
 */
export function shouldReconnect(code: number): boolean {
  if (code < 3000) return code !== MESSAGE_TOO_LARGE;
  return code % 1000 < 500 || code >= 5000;
}

/**
 * The delay in milliseconds that a closing server suggests in the close reason (`shutdown; reconnect in 1234 ms`); null
 * when it suggests none, or more than five digits: it may be back long before.
 */
export function suggestedDelay(reason: string): number | null {
  const digits = /reconnect in (\d{1,5}) ms/.exec(reason)?.[1];
  return digits === undefined ? null : Number(digits);
}
