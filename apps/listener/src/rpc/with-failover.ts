import type { RpcTransport } from "@solana/kit";
import { createNodeOrder } from "./node-order.ts";
import { attempt, conclude, type Failure } from "./outcome.ts";
import { blamesRequest, isTransient } from "./transient.ts";
import { RequestTimeout } from "./with-timeout.ts";

/**
 * Several nodes as one: they are asked in turn until one answers, or says that the request itself is wrong. When none
 * helps, a failure that may pass is told before one that will not.
 * @param impatient the same nodes with less time for an answer, for as long as another node can be asked instead.
 */
export function withFailover(
  transports: readonly RpcTransport[],
  order = createNodeOrder(transports.length),
  impatient = transports,
): RpcTransport {
  return async function <Response>(config: Parameters<RpcTransport>[0]) {
    let told: Failure | null = null;
    const nodes = order.nodesFor(config.payload);
    for (const [turn, node] of nodes.entries()) {
      const isLast = turn === nodes.length - 1 || order.resting.has(node);
      const transport = (isLast ? transports : impatient)[node];
      if (transport === undefined) continue;
      const answer = await attempt(transport, config);
      if (!("failure" in answer)) {
        order.answered(node, config.payload, answer.response);
        return conclude<Response>(answer);
      }
      const { failure } = answer;
      if (failure.kind === "thrown" && failure.error instanceof RequestTimeout) order.resting.timedOut(node);
      if (config.signal?.aborted === true || blamesRequest(failure)) return conclude<Response>(answer);
      if (told === null || isTransient(failure) || !isTransient(told)) told = failure;
    }
    return conclude<Response>({
      failure: told ?? { kind: "thrown", error: new Error("There is no node to ask.") },
    });
  };
}
