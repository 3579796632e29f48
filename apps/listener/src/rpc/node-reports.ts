import type { Logger } from "@commcoin/service/telemetry";
import type { ListenerMetrics } from "../metrics/listener-metrics.ts";
import { createThrottledLog } from "../support/throttled-log.ts";
import type { ConnectionLost } from "./connection-lost.ts";
import type { FrameFault } from "./frame-faults.ts";
import { NodeError } from "./node-error.ts";
import { createRefusals, type Refusals } from "./refusals.ts";
import { RequestTally, type RequestCounts } from "./request-counts.ts";
import { isOrdinary, isRateLimit } from "./transient.ts";
import type { ReportRequest } from "./with-metrics.ts";

/** Hears what nodes do that they should not: counts it, logs it, and keeps what they said. */
export interface NodeReports extends Pick<Refusals, "list" | "recent"> {
  /** For the requests to one node. */
  request(endpoint: string): ReportRequest;
  /** How the requests to a node went since the start. */
  counts(endpoint: string): RequestCounts;
  /** A node sent a frame that is no message of the protocol, with these words in it. */
  frame(endpoint: string, fault: FrameFault, words: string): void;
  /** A node refused a subscription. */
  subscription(endpoint: string, error: unknown): void;
  /** A node begins to be doubted, for what it announces is not there, or is believed again. */
  doubt(endpoint: string, isDoubted: boolean): void;
  /** A connection to a node ended. It is logged elsewhere. */
  lost(endpoint: string, loss: ConnectionLost): void;
}

/** These say something; the others mostly keep a connection alive. */
const TELLING: ReadonlySet<FrameFault> = new Set([
  "broken",
  "oversized",
  "unexpected",
  "no_id",
  "unasked",
  "unbelievable",
]);

const asError = (words: string): NodeError =>
  new NodeError({ code: null, status: null, words, retryAfter: null });

export function createNodeReports(
  log: Logger,
  metrics: Pick<ListenerMetrics, "nodeFaults" | "rpcRequests" | "doubted">,
): NodeReports {
  const throttledLog = createThrottledLog(log);
  const refusals = createRefusals();
  const tally = new RequestTally();
  const note = (endpoint: string, error: unknown): void => {
    const { code, message } = refusals.note(endpoint, error);
    throttledLog.warn({ endpoint, code, error: message }, `a node does not answer as it should: ${endpoint}`);
  };
  return {
    ...refusals,
    request: (endpoint) => (method, outcome, error) => {
      metrics.rpcRequests.inc({ method, outcome });
      const fine = error === null || isOrdinary(error);
      tally.add(endpoint, outcome === "rate_limited" ? outcome : fine ? "answered" : "failed");
      if (fine) return;
      metrics.nodeFaults.inc({ endpoint, kind: outcome });
      note(endpoint, error);
    },
    counts: (endpoint) => tally.of(endpoint),
    frame(endpoint, fault, words) {
      metrics.nodeFaults.inc({ endpoint, kind: fault });
      const error = asError(words);
      if (TELLING.has(fault) || isRateLimit(error)) note(endpoint, error);
      else log.debug({ endpoint, fault, words }, "a node sent a frame that is no message");
    },
    subscription(endpoint, error) {
      metrics.nodeFaults.inc({ endpoint, kind: isRateLimit(error) ? "rate_limited" : "rpc_error" });
      note(endpoint, error);
    },
    doubt(endpoint, isDoubted) {
      metrics.doubted.set({ endpoint }, Number(isDoubted));
      const text =
        "the node announces transactions that no node knows: what it alone announces is left to other nodes and to audits";
      if (isDoubted) log.warn({ endpoint }, text);
      else log.info({ endpoint }, "what the node announces is there again");
    },
    lost(endpoint, loss) {
      if (loss.reason !== "stopped") refusals.note(endpoint, loss);
    },
  };
}
