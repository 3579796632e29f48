import { createBackoff, sleep } from "@commcoin/service/lifecycle";
import type { RpcTransport } from "@solana/kit";
import { codeOf } from "../rpc/node-error.ts";
import { createSlowNodes } from "../rpc/slow-nodes.ts";
import { isRateLimit, retryAfterMs } from "../rpc/transient.ts";
import { RequestTimeout } from "../rpc/with-timeout.ts";
import { errorText } from "../support/error-text.ts";
import type { ThrottledLog } from "../support/throttled-log.ts";
import { blockPayload, type BlockRequest } from "./block-reader.ts";
import type { ReadBlock } from "./read-block.ts";
import type { BlockResponse } from "./worker-messages.ts";

export type BlockAnswer =
  | { readonly kind: "block"; readonly block: ReadBlock }
  /** The node has not come so far, or says that the slot has no block. */
  | { readonly kind: "not_yet" | "skipped" }
  /** No node keeps blocks that are so old. */
  | { readonly kind: "gone" }
  | { readonly kind: "aborted" };

/** @param turn how often the slot was asked for before: another node is asked then. */
export type AskBlock = (request: BlockRequest, turn: number, signal: AbortSignal) => Promise<BlockAnswer>;

const NOT_YET = new Set([
  -32_004, // block not available for slot
  -32_014, // block status not yet available
  -32_016, // minimum context slot has not been reached
]);
const SKIPPED = new Set([
  -32_007, // skipped, or missing due to ledger jump to recent snapshot
  -32_009, // skipped, or missing in long-term storage
]);
const GONE = new Set([
  -32_001, // cleaned up, does not exist on node
  -32_011, // transaction history is not available from this node
]);
const BACKOFF = { minMs: 200, maxMs: 10_000 };

/** What a node says about the slot; null when it says nothing about it. */
function readRefusal(error: unknown): "not_yet" | "skipped" | "gone" | null {
  const code = codeOf(error);
  if (code === null || isRateLimit(error)) return null;
  if (NOT_YET.has(code)) return "not_yet";
  if (SKIPPED.has(code)) return "skipped";
  return GONE.has(code) ? "gone" : null;
}

/**
 * Asks one node after the other until one says something about the slot. A node in trouble says nothing: it is asked
 * again, after all others, and later each time.
 */
export function createBlockAsker(
  transports: readonly RpcTransport[],
  throttledLog: ThrottledLog,
  wait: (ms: number, signal: AbortSignal) => Promise<void> = sleep,
): AskBlock {
  /** The node that gave the last block. */
  let preferred = 0;
  const slowNodes = createSlowNodes();
  return async (request, turn, signal) => {
    const payload = blockPayload(request);
    const backoff = createBackoff(BACKOFF);
    const gone = new Set<number>();
    for (let step = turn, troubles = 0; !signal.aborted; step += 1) {
      const node = (preferred + step) % transports.length;
      const transport = transports[node];
      if (transport === undefined) break;
      const canAsk = (other: number): boolean => !slowNodes.has(other) && !gone.has(other);
      if (slowNodes.has(node) && transports.some((_, other) => canAsk(other))) continue;
      let failure: unknown;
      try {
        const { result } = await transport<BlockResponse>({ payload, signal });
        if (result === null) return { kind: "not_yet" };
        preferred = node;
        return { kind: "block", block: result };
      } catch (error) {
        failure = error;
      }
      if (signal.aborted) break;
      const said = readRefusal(failure);
      if (said === "not_yet" || said === "skipped") return { kind: said };
      if (said === "gone") {
        gone.add(node);
        if (gone.size === transports.length) return { kind: "gone" };
        continue;
      }
      if (failure instanceof RequestTimeout) slowNodes.timedOut(node);
      troubles += 1;
      if (troubles % transports.length !== 0) continue;
      const asked = retryAfterMs(failure, Date.now());
      const delayMs = Math.round(asked + backoff.next());
      throttledLog.warn({ retry_in_ms: delayMs, error: errorText(failure) }, "cannot fetch blocks");
      await wait(delayMs, signal);
    }
    return { kind: "aborted" };
  };
}
