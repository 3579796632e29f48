import type { RpcTransport } from "@solana/kit";
import { createNodeOrder } from "./node-order.ts";
import { blamesRequest, isTransient, retryAfterMs } from "./transient.ts";
import { UnreadableAnswer } from "./unreadable-answer.ts";
import { RequestTimeout } from "./with-timeout.ts";

/** How much a failure says about the request: nothing, that a node has a trouble, that no better answer is to be had. */
const weightOf = (error: unknown): number => {
  if (error instanceof UnreadableAnswer || blamesRequest(error)) return 2;
  return isTransient(error) ? 0 : 1;
};

/** Whether a failure is told in place of an earlier one: who has to wait waits for the node that can be asked first. */
function isToldFirst(error: unknown, earlier: unknown): boolean {
  const more = weightOf(error) - weightOf(earlier);
  if (more !== 0) return more < 0;
  const now = Date.now();
  return retryAfterMs(error, now) <= retryAfterMs(earlier, now);
}

/**
 * Several nodes as one: all are asked in turn until one answers. When none helps, a failure that may pass is told before
 * one that will not, and that the request is wrong only when every node says so.
 * @param impatient the same nodes with less time for an answer, for as long as another node can be asked instead.
 */
export function withFailover(
  transports: readonly RpcTransport[],
  order = createNodeOrder(transports.length),
  impatient = transports,
): RpcTransport {
  return async function <Response>(config: Parameters<RpcTransport>[0]) {
    let told: { readonly error: unknown } | null = null;
    const nodes = order.nodesFor(config.payload);
    for (const [turn, node] of nodes.entries()) {
      const isLast = turn === nodes.length - 1;
      const transport = (isLast ? transports : impatient)[node];
      if (transport === undefined) continue;
      try {
        const response = await transport<Response>(config);
        order.answered(node, config.payload, response);
        return response;
      } catch (error) {
        if (error instanceof RequestTimeout) order.slowNodes.timedOut(node);
        if (config.signal?.aborted === true) throw error;
        if (told === null || isToldFirst(error, told.error)) told = { error };
      }
    }
    throw told?.error ?? new Error("There is no node to ask.");
  };
}
