import type { RpcTransport } from "@solana/kit";
import type { DecodeTransaction } from "../decode/decode-transaction.ts";
import { createBatchedTransport } from "./batched-transport.ts";
import { nameEndpoints } from "./endpoints.ts";
import { createHttpTransport } from "./http-transport.ts";
import { createNodeOrder } from "./node-order.ts";
import type { NodeReports } from "./node-reports.ts";
import { createNodeRpc, type NodeRpc } from "./node-rpc.ts";
import type { Waiting } from "./priority-line.ts";
import { hideSecretsOf } from "./public-url.ts";
import { withNodeErrors } from "./read-answer.ts";
import { REQUEST_CLASSES, type RequestClass } from "./request-class.ts";
import { withAdmission, type Admission } from "./with-admission.ts";
import { createBudget, withBudget } from "./with-budget.ts";
import { createPlaces, withConcurrency } from "./with-concurrency.ts";
import { withFailover } from "./with-failover.ts";
import { withMetrics } from "./with-metrics.ts";
import { createRateLimit, withRateLimit } from "./with-rate-limit.ts";
import { withReadableAnswers } from "./with-readable-answers.ts";
import { withRetry } from "./with-retry.ts";
import { withTimeout } from "./with-timeout.ts";

export interface RpcOptions {
  readonly urls: readonly string[];
  /** Requests in flight, over all nodes. */
  readonly concurrency: number;
  /** Requests to each node in a second; 0 for no limit. */
  readonly perSecond: number;
  /** Called for each request that has to wait for its turn within the second. */
  readonly onDelay: (kind: RequestClass) => void;
  readonly timeoutMs: number;
  /** Whether a node may be asked, by its place among the URLs; all may, without it. */
  readonly admissionOf?: (node: number) => Admission;
  /** Called once for each node that takes no batches. */
  readonly onBatchesRefused: (url: string, reason: string) => void;
  /** Reads transactions: what it cannot read is asked of another node. */
  readonly decode: DecodeTransaction;
  /** Hears how each request to a node went. */
  readonly reports: Pick<NodeReports, "request">;
}

/** Enough to sit out a rate limit of ten seconds. */
const ATTEMPTS = 6;
/** A healthy node answers what is asked live in far less: another one is asked then. */
const PATIENCE_MS = 2_000;
const RETRY = { attempts: ATTEMPTS, minMs: 100, maxMs: 5_000 };

export interface Nodes {
  /** Whichever node answers, by what the request is for. */
  readonly any: Readonly<Record<RequestClass, NodeRpc>>;
  /** Each by itself, without a second attempt, for questions that one node alone may answer wrongly. */
  readonly each: readonly NodeRpc[];
  /**
   * Each by itself, without a second attempt, over a transport of the caller's: within the same limits, and reported.
   * @param carry makes the transport to the node of a URL.
   */
  over(carry: (url: string) => RpcTransport, kind: RequestClass): readonly RpcTransport[];
  /** Requests that are held back by the limits. */
  waiting(kind: RequestClass): Waiting;
  /** What holds back requests to each node. */
  limits(): readonly NodeLimits[];
}

/** What holds back requests to a node. */
export interface NodeLimits {
  readonly endpoint: string;
  /** Requests in a second by our own configuration; null for any number. */
  readonly perSecond: number | null;
  /** For so long nothing is sent to it, since it said that there was too much. */
  readonly pauseMs: number;
  /** Requests that wait for their turn within the second. */
  readonly waiting: number;
}

/**
 * RPC over all nodes: each request has a time limit and goes on to the next node where one fails; when none helps, it
 * is sent again later. A node that did not answer in time is asked after the others for a while. The place of a request
 * that waits for its retry stays taken, which eases a node that is at its limit.
 */
export function connectNodes({
  urls,
  concurrency,
  perSecond,
  onDelay,
  timeoutMs,
  admissionOf = () => ({ admit: () => null, doubt: () => {} }),
  onBatchesRefused,
  decode,
  reports,
}: RpcOptions): Nodes {
  const places = createPlaces(concurrency);
  const nodes = nameEndpoints(urls).map(({ url, name }, node) => {
    const admission = admissionOf(node);
    const budget = createBudget({ perSecond, onDelay });
    const limit = createRateLimit();
    const report = reports.request(name);
    const batched = createBatchedTransport(createHttpTransport(url), {
      onRefused: (reason) => onBatchesRefused(url, reason),
    });
    return {
      url,
      name,
      limit,
      budget,
      transport: withReadableAnswers(withNodeErrors(batched, hideSecretsOf(url)), decode),
      within(carrier: RpcTransport, kind: RequestClass, limitMs: number): RpcTransport {
        const timed = withMetrics(withTimeout(carrier, limitMs), report);
        const limited = withBudget(withRateLimit(timed, limit), budget, kind);
        return withAdmission(limited, admission);
      },
    };
  });
  const order = createNodeOrder(nodes.length);
  const within = (kind: RequestClass, limitMs = timeoutMs): readonly RpcTransport[] =>
    nodes.map((node) => node.within(node.transport, kind, limitMs));
  const any = (kind: RequestClass): NodeRpc => {
    const patience = kind === "live" ? Math.min(timeoutMs, PATIENCE_MS) : timeoutMs;
    const failover = withFailover(within(kind), order, within(kind, patience));
    return createNodeRpc(withConcurrency(withRetry(failover, RETRY), places, kind));
  };
  return {
    any: Object.fromEntries(REQUEST_CLASSES.map((kind) => [kind, any(kind)])) as Record<
      RequestClass,
      NodeRpc
    >,
    each: within("finality").map((transport) => createNodeRpc(transport)),
    over: (carry, kind) =>
      nodes.map((node) => withConcurrency(node.within(carry(node.url), kind, timeoutMs), places, kind)),
    limits: () =>
      nodes.map(({ name, limit, budget }) => ({
        endpoint: name,
        perSecond: perSecond === 0 ? null : perSecond,
        pauseMs: limit.pauseMs,
        waiting: REQUEST_CLASSES.reduce((sum, kind) => sum + budget.waiting(kind).count, 0),
      })),
    waiting(kind) {
      const lines = [places.waiting(kind), ...nodes.map(({ budget }) => budget.waiting(kind))];
      return {
        count: lines.reduce((sum, { count }) => sum + count, 0),
        oldestMs: Math.max(...lines.map(({ oldestMs }) => oldestMs)),
      };
    },
  };
}
