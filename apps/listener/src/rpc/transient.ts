import { codeOf, NodeError } from "./node-error.ts";
import { UnreadableAnswer } from "./unreadable-answer.ts";

/** What a node says when it cannot answer now but may later, or another node can. */
const TRANSIENT_CODES: ReadonlySet<number> = new Set([
  -32_004, // block not available
  -32_005, // node is unhealthy or behind
  -32_014, // block status not yet available
  -32_016, // minimum context slot has not been reached
  -32_019, // failed to query long-term storage
]);

/** What a node says of a block or of a place in a list: no trouble of the node. */
const ORDINARY_CODES: ReadonlySet<number> = new Set([
  -32_001, // block cleaned up
  -32_004,
  -32_007, // slot skipped, or missing
  -32_009, // slot skipped, or missing in long-term storage
  -32_014,
  -32_016,
  -32_020, // cursor of a list unknown
]);

/** What is wrong with the request itself, as the node says; providers also say so of a key or a plan. */
const BLAMING_CODES: ReadonlySet<number> = new Set([
  -32_600, // invalid request
  -32_602, // invalid parameters
  -32_015, // transaction version not supported by the requesting client
]);

const RATE_LIMIT_STATUS = 429;
/** Of nodes and providers, for nothing else. */
const RATE_LIMIT_CODES: ReadonlySet<number> = new Set([429, -32_429, -32_029]);
/** How they say so with codes that mean something else to others. No text of Solana's own nodes has any of it. */
const RATE_LIMIT_WORDS = [
  /\brate.?limit|\bquota|\bthrottl|\bslow down\b|\bmax(?:imum)? usage\b/i,
  /\btoo many (?:requests|calls|connections|subscriptions)\b/i,
  /\b(?:limits?|capacity|usage|credits?|requests?|units?|count)\b.{0,40}\b(?:exceeded|reached|exhausted|used up)\b/i,
  /\b(?:exceed(?:s|ed|ing)?|reached|exhausted|out of)\b.{0,40}\b(?:limits?|capacity|usage|credits?|plan|requests)\b/i,
  /\bplan limit\b|\bupgrade (?:your|to)\b/i,
] as const;

/**
 * Whether a node has had too many requests, in any of the forms in which they say so: a status or code for it, or words
 * that come with another one.
 */
export function isRateLimit(error: unknown): boolean {
  if (!(error instanceof NodeError)) return false;
  const { code, status, words } = error.refusal;
  if (status === RATE_LIMIT_STATUS || (code !== null && RATE_LIMIT_CODES.has(code))) return true;
  return RATE_LIMIT_WORDS.some((pattern) => pattern.test(words));
}

/** Whether the same request can succeed when it is sent again to the same node. */
export function isTransient(error: unknown): boolean {
  if (error instanceof UnreadableAnswer) return false;
  if (!(error instanceof NodeError) || isRateLimit(error)) return true;
  const { code, status } = error.refusal;
  if (status !== null) return status === 408 || status >= 500;
  return code === null || TRANSIENT_CODES.has(code);
}

/** Whether the node blames the request. One that does proves nothing: another one may take it. */
export function blamesRequest(error: unknown): boolean {
  const code = codeOf(error);
  return code !== null && BLAMING_CODES.has(code) && !isRateLimit(error);
}

/** Whether the node answered as it should, only not with what was asked for. */
export function isOrdinary(error: unknown): boolean {
  const code = codeOf(error);
  return code !== null && ORDINARY_CODES.has(code) && !isRateLimit(error);
}

/** A node that asks for a longer pause is asked again all the same, or one answer could stop ingestion. */
const MAX_RETRY_AFTER_MS = 30_000;

/**
 * Milliseconds that the node asks to wait, from `Retry-After` in seconds or as a date; 0 when it does not, 30 seconds at
 * most.
 */
export function retryAfterMs(error: unknown, nowMs: number): number {
  const header = error instanceof NodeError ? error.refusal.retryAfter : null;
  if (header === null) return 0;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(header) - nowMs;
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), MAX_RETRY_AFTER_MS) : 0;
}
