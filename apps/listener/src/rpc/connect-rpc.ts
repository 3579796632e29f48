import type { RequestOutcome } from "./with-metrics.ts";
import { createPlainHttpTransport } from "./http-transport.ts";
import { createNodeRpc, type NodeRpc } from "./node-rpc.ts";
import { createBudget, withBudget } from "./with-budget.ts";
import { withConcurrency } from "./with-concurrency.ts";
import { withFailover } from "./with-failover.ts";
import { withMetrics } from "./with-metrics.ts";
import { withRetry } from "./with-retry.ts";
import { withTimeout } from "./with-timeout.ts";

export interface RpcOptions {
  readonly urls: readonly string[];
  /** Requests in flight, over all nodes. */
  readonly concurrency: number;
  /** Requests in a second, over all nodes; 0 for no limit. */
  readonly perSecond: number;
  /** Called for each request that has to wait for its turn within the second. */
  readonly onDelay: () => void;
  readonly timeoutMs: number;
  readonly report: (method: string, outcome: RequestOutcome) => void;
}

/** Enough to sit out a rate limit of ten seconds. */
const ATTEMPTS = 6;
const RETRY = { attempts: ATTEMPTS, minMs: 100, maxMs: 5_000 };

export interface Nodes {
  /** Whichever node answers. */
  readonly any: NodeRpc;
  /** Each by itself, without a second attempt. */
  readonly each: readonly NodeRpc[];
}

/**
 * RPC over all nodes: each request has a time limit and goes on to the next node where one fails; when none helps, it
 * is sent again later. The slot of a request that waits for its retry stays taken, which eases a node that is at its
 * limit.
 */
export function connectNodes({
  urls,
  concurrency,
  perSecond,
  onDelay,
  timeoutMs,
  report,
}: RpcOptions): Nodes {
  const budget = createBudget({ perSecond, onDelay });
  const nodes = urls.map((url) =>
    withBudget(withMetrics(withTimeout(createPlainHttpTransport(url), timeoutMs), report), budget),
  );
  return {
    any: createNodeRpc(withConcurrency(withRetry(withFailover(nodes), RETRY), concurrency)),
    each: nodes.map((node) => createNodeRpc(node)),
  };
}

export const connectRpc = (options: RpcOptions): NodeRpc => connectNodes(options).any;
