import { METRIC_PREFIX } from "@commcoin/service/telemetry";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { OutgoingMessage } from "./events/outgoing.ts";
import { LOSS_REASONS } from "./rpc/connection-lost.ts";
import type { SignatureNotification, SourceName } from "./sources/source.ts";

const name = (rest: string): string => `${METRIC_PREFIX}listener_${rest}`;

/** From a local node (a millisecond) to a transaction that its node hides until the last retry (seconds). */
const LATENCY_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Kinds of transactions that get a label of their own; every other one counts as `other`. */
const KIND_LABELS = new Set([
  "create_coin",
  "buy",
  "sell",
  "transfer",
  "transfer_checked",
  "mint_to",
  "mint_to_checked",
  "burn",
  "burn_checked",
  "unknown",
]);

export const kindLabel = (kind: string): string => (KIND_LABELS.has(kind) ? kind : "other");

/** Every metric of the listener. Labels are bounded: none is an address or a signature; endpoints are configured. */
export function createListenerMetrics(registry: Registry) {
  const registers = [registry];
  return {
    notifications: new Counter({
      name: name("notifications_total"),
      help: "Signatures that a source reported, repetitions included",
      labelNames: ["source", "origin"] as const,
      registers,
    }),
    missed: new Counter({
      name: name("missed_total"),
      help: "Transactions that a live stream of a node did not report, but another node or an audit",
      labelNames: ["source", "endpoint"] as const,
      registers,
    }),
    publishedTransactions: new Counter({
      name: name("published_transactions_total"),
      help: "Transactions whose messages the broker acknowledged, by how they were found",
      labelNames: ["origin"] as const,
      registers,
    }),
    concluded: new Counter({
      name: name("concluded_total"),
      help: "Confirmed transactions by how they ended: finalized, relanded (finalized in another block than they were confirmed in), dropped by a fork, unknown when too many waited or no node could tell",
      labelNames: ["outcome"] as const,
      registers,
    }),
    late: new Counter({
      name: name("late_total"),
      help: "Transactions that were published after one that stands behind them on the chain",
      labelNames: ["source"] as const,
      registers,
    }),
    won: new Counter({
      name: name("wins_total"),
      help: "Signatures that the stream of a node reported first",
      labelNames: ["source", "endpoint"] as const,
      registers,
    }),
    duplicates: new Counter({
      name: name("duplicates_total"),
      help: "Signatures that had been reported before, by this or another source or node",
      labelNames: ["source", "endpoint"] as const,
      registers,
    }),
    backfilled: new Counter({
      name: name("backfilled_total"),
      help: "Signatures that only a catch-up after a gap in the stream of a node brought",
      labelNames: ["source", "endpoint"] as const,
      registers,
    }),
    malformed: new Counter({
      name: name("malformed_notifications_total"),
      help: "Notifications of a node that do not have the documented shape",
      registers,
    }),
    demandedAccounts: new Gauge({
      name: name("demanded_accounts"),
      help: "Accounts that clients of all gateways follow",
      registers,
    }),
    watchedAccounts: new Gauge({
      name: name("watched_accounts"),
      help: "Accounts that are watched: configured, followed by clients, or followed until a moment ago",
      registers,
    }),
    refusedAccounts: new Gauge({
      name: name("refused_accounts"),
      help: "Accounts that clients follow and that are not watched, because WATCHED_ACCOUNTS_MAX is smaller here",
      registers,
    }),
    transactions: new Counter({
      name: name("transactions_total"),
      help: "Transactions that were decoded",
      labelNames: ["kind", "status"] as const,
      registers,
    }),
    decodeErrors: new Counter({
      name: name("decode_errors_total"),
      help: "Transactions that could not be decoded",
      registers,
    }),
    truncatedLogs: new Counter({
      name: name("truncated_logs_total"),
      help: "Transactions whose logs the node cut short; nothing is missing, as logs are not decoded",
      registers,
    }),
    nullFetches: new Counter({
      name: name("null_fetches_total"),
      help: "Times that the node did not know a transaction it had announced",
      registers,
    }),
    lostFetches: new Counter({
      name: name("unavailable_transactions_total"),
      help: "Announced transactions that no node would give, after every retry",
      registers,
    }),
    fetchSeconds: new Histogram({
      name: name("fetch_seconds"),
      help: "Time from asking for a transaction to having it, retries included",
      buckets: LATENCY_BUCKETS_S,
      registers,
    }),
    publishDelaySeconds: new Histogram({
      name: name("notification_to_publish_seconds"),
      help: "Time from a notification to the broker's acknowledgement of everything that follows from it",
      labelNames: ["origin"] as const,
      buckets: LATENCY_BUCKETS_S,
      registers,
    }),
    published: new Counter({
      name: name("published_total"),
      help: "Messages that the broker acknowledged",
      labelNames: ["type"] as const,
      registers,
    }),
    unpublishable: new Counter({
      name: name("unpublishable_total"),
      help: "Messages that the broker refuses for good",
      labelNames: ["type"] as const,
      registers,
    }),
    publishFailures: new Counter({
      name: name("publish_failures_total"),
      help: "Batches that the broker did not acknowledge and that were sent again",
      registers,
    }),
    reconnects: new Counter({
      name: name("reconnects_total"),
      help: "Connections to a node that ended, and why",
      labelNames: ["endpoint", "reason"] as const,
      registers,
    }),
    resubscribes: new Counter({
      name: name("subscription_failures_total"),
      help: "Subscriptions that failed while their connection was open",
      labelNames: ["source"] as const,
      registers,
    }),
    largeGaps: new Counter({
      name: name("large_gaps_total"),
      help: "Gaps of an address with too many transactions to be listed; they are filled from whole blocks",
      labelNames: ["source"] as const,
      registers,
    }),
    skippedSlots: new Counter({
      name: name("skipped_slots_total"),
      help: "Slots that have no block, as each node announced it",
      labelNames: ["endpoint"] as const,
      registers,
    }),
    finalityLag: new Gauge({
      name: name("finality_lag_slots"),
      help: "Slots between the newest one and the newest final block, as each node announced it",
      labelNames: ["endpoint"] as const,
      registers,
    }),
    blocks: new Counter({
      name: name("blocks_total"),
      help: "Whole blocks that were read, by what for: live, or catch_up and finality where a gap is large",
      labelNames: ["class"] as const,
      registers,
    }),
    lostBlocks: new Counter({
      name: name("lost_blocks_total"),
      help: "Blocks that had to be read and that no node keeps: what is in them is not published",
      registers,
    }),
    nodeSlot: new Gauge({
      name: name("node_slot"),
      help: "Newest slot that each node announced",
      labelNames: ["endpoint"] as const,
      registers,
    }),
    streamLag: new Histogram({
      name: name("stream_lag_seconds"),
      help: "How long after the first node the other one reported the same transaction",
      labelNames: ["endpoint"] as const,
      buckets: LATENCY_BUCKETS_S,
      registers,
    }),
    slot: new Gauge({
      name: name("slot"),
      help: "Newest slot that any node announced, of what was published, of the blocks read, and the lowest watermark",
      labelNames: ["of"] as const,
      registers,
    }),
    leader: new Gauge({
      name: name("leader"),
      help: "1 while this listener publishes, 0 while it stands by for another",
      registers,
    }),
    watermarkLag: new Gauge({
      name: name("watermark_lag_slots"),
      help: "Slots between the newest slot of the node and the lowest watermark",
      registers,
    }),
    rpcDelayed: new Counter({
      name: name("rpc_delayed_total"),
      help: "Requests to nodes that waited because of the limit per second, by what they are for",
      labelNames: ["class"] as const,
      registers,
    }),
    rpcWaiting: new Gauge({
      name: name("rpc_waiting_requests"),
      help: "Requests that wait for the limit per second or for one that is under way, by what they are for",
      labelNames: ["class"] as const,
      registers,
    }),
    rpcOldestWait: new Gauge({
      name: name("rpc_oldest_wait_seconds"),
      help: "How long the request that waits longest has waited, by what it is for",
      labelNames: ["class"] as const,
      registers,
    }),
    checkpointFailures: new Counter({
      name: name("checkpoint_failures_total"),
      help: "Checkpoints that could not be saved; the next one holds all that they held",
      registers,
    }),
    unreadableState: new Counter({
      name: name("unreadable_state_total"),
      help: "Saved state that is there and cannot be read, by what it is: checkpoint (publication goes on from the present) or market (what was counted of a coin is lost)",
      labelNames: ["kind"] as const,
      registers,
    }),
    subscriptions: new Gauge({
      name: name("subscriptions"),
      help: "Subscriptions that are live",
      labelNames: ["source", "endpoint"] as const,
      registers,
    }),
    queueDepth: new Gauge({
      name: name("queue_depth"),
      help: "Entries that wait: signatures for their transaction, messages for the broker",
      labelNames: ["queue"] as const,
      registers,
    }),
    rpcRequests: new Counter({
      name: name("rpc_requests_total"),
      help: "Requests to nodes",
      labelNames: ["method", "outcome"] as const,
      registers,
    }),
  };
}

export type ListenerMetrics = ReturnType<typeof createListenerMetrics>;

const TYPES = [
  "TokenCreated",
  "TokenPriceUpdate",
  "TransactionUpdate",
  "MarketData",
] as const satisfies readonly OutgoingMessage["type"][];
const ORIGINS = ["live", "backfill", "audit"] as const satisfies readonly SignatureNotification["origin"][];

/** Begins the series that alerts watch: the increase of the first one counted shows only where there was a 0 before it. */
export function countFromZero(
  metrics: ListenerMetrics,
  { sources, endpoints }: { readonly sources: readonly SourceName[]; readonly endpoints: readonly string[] },
): void {
  for (const type of TYPES) metrics.published.inc({ type }, 0);
  for (const kind of ["checkpoint", "market"]) metrics.unreadableState.inc({ kind }, 0);
  for (const origin of ORIGINS) metrics.publishDelaySeconds.zero({ origin });
  for (const endpoint of endpoints) {
    for (const reason of LOSS_REASONS) metrics.reconnects.inc({ endpoint, reason }, 0);
    for (const source of sources) metrics.missed.inc({ source, endpoint }, 0);
  }
}
