import { isSolanaError, SOLANA_ERROR__RPC__TRANSPORT_HTTP_ERROR, SolanaError } from "@solana/kit";
import type { Failure } from "./outcome.ts";

/** What a node says when it cannot answer now but may later, or another node can. */
const TRANSIENT_CODES = new Set([
  -32_004, // block not available
  -32_005, // node is unhealthy or behind
  -32_014, // block status not yet available
  -32_016, // minimum context slot has not been reached
  -32_019, // failed to query long-term storage
  429, // rate limited, in the body of a 200 (rpcpool)
]);

/** What is wrong with the request itself, whoever is asked. */
const BLAMING_CODES = new Set([
  -32_600, // invalid request
  -32_602, // invalid parameters
  -32_015, // transaction version not supported by the requesting client
]);

/** Whether the same request can succeed when it is sent again to the same node. */
export const isTransient = (failure: Failure): boolean =>
  failure.kind === "answer" ? TRANSIENT_CODES.has(failure.code) : isTransientError(failure.error);

/** The same for what a request threw. Kit's errors for answers of a node carry the node's code. */
export function isTransientError(error: unknown): boolean {
  if (isSolanaError(error, SOLANA_ERROR__RPC__TRANSPORT_HTTP_ERROR)) {
    const { statusCode } = error.context;
    return statusCode === 429 || statusCode === 408 || statusCode >= 500;
  }
  if (error instanceof SolanaError) return TRANSIENT_CODES.has(error.context.__code);
  return true;
}

/** Whether no node can ever answer the request. Anything else may be the trouble of one node. */
export const blamesRequest = (failure: Failure): boolean =>
  failure.kind === "answer" ? BLAMING_CODES.has(failure.code) : isErrorOfRequest(failure.error);

/** The same for what a request threw. */
export const isErrorOfRequest = (error: unknown): boolean =>
  error instanceof SolanaError && BLAMING_CODES.has(error.context.__code);

/** A node that asks for a longer pause is asked again all the same, or one answer could stop ingestion. */
const MAX_RETRY_AFTER_MS = 30_000;

/**
 * Milliseconds that the node asks to wait, from `Retry-After` in seconds or as a date; 0 when it does not, 30 seconds at
 * most.
 */
export function retryAfterMs(failure: Failure, nowMs: number): number {
  if (failure.kind === "answer") return 0;
  if (!isSolanaError(failure.error, SOLANA_ERROR__RPC__TRANSPORT_HTTP_ERROR)) return 0;
  const header = failure.error.context.headers.get("retry-after");
  if (header === null) return 0;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(header) - nowMs;
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), MAX_RETRY_AFTER_MS) : 0;
}
