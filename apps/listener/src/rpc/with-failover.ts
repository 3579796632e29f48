import type { RpcTransport } from "@solana/kit";
import { createNodeOrder } from "./node-order.ts";
import { attempt, conclude, type Outcome } from "./outcome.ts";
import { isTransient } from "./transient.ts";
import { RequestTimeout } from "./with-timeout.ts";

/**
 * Several nodes as one: they are asked in turn while the failure is one that another node may not have.
 * @param impatient the same nodes with less time for an answer, for as long as another node can be asked instead.
 */
export function withFailover(
  transports: readonly RpcTransport[],
  order = createNodeOrder(transports.length),
  impatient = transports,
): RpcTransport {
  return async function <Response>(config: Parameters<RpcTransport>[0]) {
    let outcome: Outcome = { failure: { kind: "thrown", error: new Error("There is no node to ask.") } };
    const nodes = order.nodesFor(config.payload);
    for (const [turn, node] of nodes.entries()) {
      const isLast = turn === nodes.length - 1 || order.resting.has(node);
      const transport = (isLast ? transports : impatient)[node];
      if (transport === undefined) continue;
      outcome = await attempt(transport, config);
      if (!("failure" in outcome)) {
        order.answered(node, config.payload, outcome.response);
        break;
      }
      const { failure } = outcome;
      if (failure.kind === "thrown" && failure.error instanceof RequestTimeout) order.resting.timedOut(node);
      if (config.signal?.aborted === true || !isTransient(failure)) break;
    }
    return conclude<Response>(outcome);
  };
}
