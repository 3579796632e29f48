import type { OutgoingMessage } from "../events/outgoing.ts";
import type { ListenerMetrics } from "../metrics/listener-metrics.ts";
import type { SignatureNotification, SourceName } from "../model/notification.ts";
import { LOSS_REASONS } from "../rpc/connection-lost.ts";

const TYPES = [
  "TokenCreated",
  "TokenPriceUpdate",
  "TransactionUpdate",
  "MarketData",
] as const satisfies readonly OutgoingMessage["type"][];
const ORIGINS = ["live", "backfill", "audit"] as const satisfies readonly SignatureNotification["origin"][];

/**
 * Begins the series that alerts and dashboards watch: the increase of the first one counted shows only where there was a 0
 * before it, and "none so far" is not "no data".
 */
export function countFromZero(
  metrics: ListenerMetrics,
  { sources, endpoints }: { readonly sources: readonly SourceName[]; readonly endpoints: readonly string[] },
): void {
  for (const type of TYPES) {
    metrics.published.inc({ type }, 0);
    metrics.unpublishable.inc({ type }, 0);
  }
  for (const kind of ["checkpoint", "market"]) metrics.unreadableState.inc({ kind }, 0);
  metrics.concluded.inc({ outcome: "unknown" }, 0);
  for (const origin of ORIGINS) metrics.publishDelaySeconds.zero({ origin });
  for (const source of sources) {
    for (const counter of [metrics.late, metrics.largeGaps, metrics.resubscribes]) counter.inc({ source }, 0);
  }
  for (const endpoint of endpoints) {
    for (const reason of LOSS_REASONS) metrics.reconnects.inc({ endpoint, reason }, 0);
    metrics.doubted.set({ endpoint }, 0);
    for (const source of sources) metrics.missed.inc({ source, endpoint }, 0);
  }
}
