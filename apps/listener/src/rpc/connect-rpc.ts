import type { RequestOutcome } from "./with-metrics.ts";
import { createPlainHttpTransport } from "./http-transport.ts";
import { createNodeRpc, type NodeRpc } from "./node-rpc.ts";
import { withConcurrency } from "./with-concurrency.ts";
import { withFailover } from "./with-failover.ts";
import { withMetrics } from "./with-metrics.ts";
import { withRetry } from "./with-retry.ts";
import { withTimeout } from "./with-timeout.ts";

export interface RpcOptions {
  readonly urls: readonly string[];
  /** Requests in flight, over all nodes. */
  readonly concurrency: number;
  readonly timeoutMs: number;
  readonly report: (method: string, outcome: RequestOutcome) => void;
}

/** Enough to sit out a rate limit of ten seconds. */
const ATTEMPTS = 6;
const RETRY = { attempts: ATTEMPTS, minMs: 100, maxMs: 5_000 };

/**
 * RPC over all nodes: each request has a time limit and goes on to the next node where one fails; when none helps, it
 * is sent again later. The slot of a request that waits for its retry stays taken, which eases a node that is at its
 * limit.
 */
export function connectRpc({ urls, concurrency, timeoutMs, report }: RpcOptions): NodeRpc {
  const nodes = urls.map((url) => withMetrics(withTimeout(createPlainHttpTransport(url), timeoutMs), report));
  return createNodeRpc(withConcurrency(withRetry(withFailover(nodes), RETRY), concurrency));
}
