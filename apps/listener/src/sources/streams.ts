import type { Logger } from "@commcoin/service/telemetry";
import type { ListenerMetrics } from "../metrics/listener-metrics.ts";
import { ConnectionLost } from "../rpc/connection-lost.ts";
import type { NodeReports } from "../rpc/node-reports.ts";
import { createCredit, type Credit } from "./credit.ts";
import { createNodePool, type NodePool } from "./node-pool.ts";
import { createStreamComparison, type StreamComparison } from "./stream-comparison.ts";
import { createStreamCounts, type StreamCounts } from "./stream-counts.ts";
import { createSurplus } from "./surplus.ts";

export interface StreamsOptions {
  readonly urls: readonly string[];
  /** Least time without a slot after which a node is given up, in milliseconds. */
  readonly slotStallMs: number;
  /** How long a subscription may miss everything before its connection is given up, in milliseconds. */
  readonly silentMs: number;
  /** Whether audits bring what no stream brings. */
  readonly isAudited: boolean;
  /** A node may be another one by now, by its place among the URLs. */
  readonly onDoubt: (node: number) => void;
  /** A node announces what no node knows: it is doubted from now on. */
  readonly onDoubted: (endpoint: string) => void;
  readonly reports: NodeReports;
  readonly log: Logger;
  readonly metrics: ListenerMetrics;
}

/** The streams of all nodes: their connections, who brings what first, and what each of them is worth. */
export interface Streams {
  readonly pool: NodePool;
  readonly comparison: StreamComparison;
  readonly credit: Credit;
  readonly counts: StreamCounts;
  /** Keeps the connections open until the signal aborts; never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

export function createStreams({
  urls,
  slotStallMs,
  silentMs,
  isAudited,
  onDoubt,
  onDoubted,
  reports,
  log,
  metrics,
}: StreamsOptions): Streams {
  const pool = createNodePool({ urls, log, metrics, onDoubt, reports, slotStallMs });
  const counts = createStreamCounts(metrics);
  const credit = createCredit({
    onChange(endpoint, isDoubted) {
      reports.doubt(endpoint, isDoubted);
      if (isDoubted) onDoubted(endpoint);
    },
  });
  const comparison = createStreamComparison({
    slotOf: (endpoint) => pool.find(endpoint)?.status().slot ?? null,
    // Of a doubted node not everything is read: what is not is no loss of its.
    onMissed(source, endpoint) {
      if (!credit.isDoubted(endpoint)) counts.add("missed", source, endpoint);
    },
    onLate: (endpoint, ms) => metrics.streamLag.observe({ endpoint }, ms / 1_000),
    onSilent(endpoint, address) {
      if (credit.isDoubted(endpoint)) return;
      pool.find(endpoint)?.lose(new ConnectionLost("silent", `The subscription of ${address} is silent.`));
    },
    silentMs,
  });
  const surplus = createSurplus({ credit, comparison, isAudited, metrics });
  return {
    pool,
    comparison,
    credit,
    counts,
    run: (signal) => pool.run(signal, (endpoint, frame) => surplus.has(endpoint, frame)),
  };
}
