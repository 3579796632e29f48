import type { ListenerStatus, StreamState } from "@commcoin/broker";
import type { Leadership } from "../leadership/leadership.ts";
import type { NodeReports } from "../rpc/node-reports.ts";
import type { Nodes } from "../rpc/connect-rpc.ts";
import type { Source } from "../sources/source.ts";
import type { Streams } from "../sources/streams.ts";
import { describeListener } from "./listener-status.ts";
import type { Publishing } from "./publishing.ts";

export interface IngestionStatusOptions {
  readonly leadership: Pick<Leadership, "role">;
  readonly sources: readonly Source[];
  readonly streams: Pick<Streams, "pool" | "credit" | "counts">;
  /** null while this listener stands by. */
  readonly publishing: () => Publishing | null;
  readonly nodes: Pick<Nodes, "limits">;
  readonly requestsDelayed: () => number;
  readonly reports: Pick<NodeReports, "counts" | "list">;
}

/** What an ingestion says of itself. */
export interface IngestionStatus {
  /** Numbers for the registry. */
  counts(): Record<string, number>;
  status(): ListenerStatus;
  /** What of the status others hear of at once when it changes: cheaper to ask for than the rest. */
  states(): Pick<ListenerStatus, "role"> & { readonly streams: readonly (readonly StreamState[])[] };
}

export function createIngestionStatus({
  leadership,
  sources,
  streams: { pool, credit, counts },
  publishing,
  nodes,
  requestsDelayed,
  reports,
}: IngestionStatusOptions): IngestionStatus {
  const role = (): ListenerStatus["role"] => (leadership.role === "leader" ? "leader" : "standby");
  return {
    counts: () => ({
      slot: pool.slot ?? 0,
      watermark: publishing()?.watermarks.lowest ?? 0,
      leader: Number(leadership.role === "leader"),
      transactions: publishing()?.pipeline.published ?? 0,
      subscriptions: sources.reduce((sum, source) => sum + source.status().live, 0),
      reconnects: pool.nodes().reduce((sum, node) => sum + node.reconnects, 0),
    }),
    states: () => ({
      role: role(),
      streams: sources.map((source) => source.status().streams.map(({ state: each }) => each)),
    }),
    status: () =>
      describeListener({
        role: role(),
        nodes: pool.nodes(),
        sources,
        active: publishing(),
        counts,
        isDoubted: (endpoint) => credit.isDoubted(endpoint),
        requestsDelayed: requestsDelayed(),
        limits: nodes.limits(),
        requestCounts: (endpoint) => reports.counts(endpoint),
        refusals: reports.list(),
      }),
  };
}
