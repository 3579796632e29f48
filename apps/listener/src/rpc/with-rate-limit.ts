import type { RpcTransport } from "@solana/kit";
import { NodeError } from "./node-error.ts";
import { isRateLimit, retryAfterMs } from "./transient.ts";

/** Whether one node may be asked at present. */
export interface RateLimit {
  /** What the node said, with the seconds that are left, while it is not to be asked; else null. */
  readonly refusal: NodeError | null;
  /** Milliseconds that are left until it may be asked; 0 when it may. */
  readonly pauseMs: number;
  /** The node had too many requests. @param sentAt when the request was sent that it refused. */
  refused(error: NodeError, sentAt: number): void;
  answered(): void;
}

/** Pauses after refusals that name none, one after the other without an answer between them. */
const MIN_PAUSE_MS = 100;
const MAX_PAUSE_MS = 5_000;

/** Keeps what a node says about its rate limit. Times are milliseconds that only grow. */
export function createRateLimit(now: () => number = () => performance.now()): RateLimit {
  let said: NodeError | null = null;
  let until = -Infinity;
  let since = -Infinity;
  let pauseMs = 0;
  return {
    get refusal() {
      const leftMs = until - now();
      if (said === null || leftMs <= 0) return null;
      return new NodeError({ ...said.refusal, retryAfter: String(leftMs / 1_000) });
    },
    get pauseMs() {
      return Math.max(0, until - now());
    },
    refused(error, sentAt) {
      // What was under way when the pause began says nothing new.
      if (sentAt >= since) pauseMs = Math.min(Math.max(MIN_PAUSE_MS, 2 * pauseMs), MAX_PAUSE_MS);
      since = now();
      said = error;
      until = Math.max(until, since + (retryAfterMs(error, Date.now()) || pauseMs));
    },
    answered() {
      pauseMs = 0;
    },
  };
}

/**
 * Obeys a node's rate limit: until the time that it named, or for a pause that grows where it names none, it is sent
 * nothing, whatever for. Requests fail at once with what the node said, so that another node can be asked meanwhile.
 */
export const withRateLimit = (
  transport: RpcTransport,
  limit: RateLimit,
  now: () => number = () => performance.now(),
): RpcTransport =>
  async function <Response>(config: Parameters<RpcTransport>[0]) {
    const { refusal } = limit;
    if (refusal !== null) throw refusal;
    const sentAt = now();
    try {
      const response = await transport<Response>(config);
      limit.answered();
      return response;
    } catch (error) {
      if (error instanceof NodeError && isRateLimit(error)) limit.refused(error, sentAt);
      throw error;
    }
  };
