import { METRIC_PREFIX } from "@commcoin/service/telemetry";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";

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
  const counter = <Label extends string = never>(rest: string, help: string, ...labelNames: Label[]) =>
    new Counter({ name: name(rest), help, labelNames, registers });
  const gauge = <Label extends string = never>(rest: string, help: string, ...labelNames: Label[]) =>
    new Gauge({ name: name(rest), help, labelNames, registers });
  const latency = <Label extends string = never>(rest: string, help: string, ...labelNames: Label[]) =>
    new Histogram({ name: name(rest), help, labelNames, buckets: LATENCY_BUCKETS_S, registers });
  return {
    notifications: counter(
      "notifications_total",
      "Signatures that a source reported, repetitions included",
      "source",
      "origin",
    ),
    missed: counter(
      "missed_total",
      "Transactions that a live stream of a node did not report, but another node or an audit",
      "source",
      "endpoint",
    ),
    publishedTransactions: counter(
      "published_transactions_total",
      "Transactions whose messages the broker acknowledged, by how they were found",
      "origin",
    ),
    concluded: counter(
      "concluded_total",
      "Confirmed transactions by how they ended: finalized, relanded (finalized in another block than they were confirmed in), dropped by a fork, unknown when too many waited or no node could tell",
      "outcome",
    ),
    late: counter(
      "late_total",
      "Transactions that were published after one that stands behind them on the chain",
      "source",
    ),
    won: counter("wins_total", "Signatures that the stream of a node reported first", "source", "endpoint"),
    duplicates: counter(
      "duplicates_total",
      "Signatures that had been reported before, by this or another source or node",
      "source",
      "endpoint",
    ),
    backfilled: counter(
      "backfilled_total",
      "Signatures that only a catch-up after a gap in the stream of a node brought",
      "source",
      "endpoint",
    ),
    left: counter(
      "left_total",
      "Signatures of a node that announces what no node knows: left to other nodes and to audits",
      "source",
      "endpoint",
    ),
    doubted: gauge(
      "node_doubted",
      "1 while a node announces what no node knows, and little of what it alone announces is asked for",
      "endpoint",
    ),
    malformed: counter(
      "malformed_notifications_total",
      "Notifications of a node that do not have the documented shape",
    ),
    demandedAccounts: gauge("demanded_accounts", "Accounts that clients of all gateways follow"),
    watchedAccounts: gauge(
      "watched_accounts",
      "Accounts that are watched: configured, followed by clients, or followed until a moment ago",
    ),
    refusedAccounts: gauge(
      "refused_accounts",
      "Accounts that clients follow and that are not watched, because WATCHED_ACCOUNTS_MAX is smaller here",
    ),
    transactions: counter("transactions_total", "Transactions that were decoded", "kind", "status"),
    decodeErrors: counter("decode_errors_total", "Transactions that could not be decoded"),
    truncatedLogs: counter(
      "truncated_logs_total",
      "Transactions whose logs the node cut short; nothing is missing, as logs are not decoded",
    ),
    nullFetches: counter(
      "null_fetches_total",
      "Times that the node did not know a transaction it had announced",
    ),
    lostFetches: counter(
      "unavailable_transactions_total",
      "Announced transactions that no node would give, after every retry",
    ),
    fetchSeconds: latency(
      "fetch_seconds",
      "Time from asking for a transaction to having it, retries included",
    ),
    publishDelaySeconds: latency(
      "notification_to_publish_seconds",
      "Time from a notification to the broker's acknowledgement of everything that follows from it",
      "origin",
    ),
    published: counter("published_total", "Messages that the broker acknowledged", "type"),
    unpublishable: counter("unpublishable_total", "Messages that the broker refuses for good", "type"),
    publishFailures: counter(
      "publish_failures_total",
      "Batches that the broker did not acknowledge and that were sent again",
    ),
    reconnects: counter(
      "reconnects_total",
      "Connections to a node that ended, and why",
      "endpoint",
      "reason",
    ),
    resubscribes: counter(
      "subscription_failures_total",
      "Subscriptions that failed while their connection was open",
      "source",
    ),
    largeGaps: counter(
      "large_gaps_total",
      "Gaps of an address with too many transactions to be listed; they are filled from whole blocks",
      "source",
    ),
    skippedSlots: counter(
      "skipped_slots_total",
      "Slots that have no block, as each node announced it",
      "endpoint",
    ),
    finalityLag: gauge(
      "finality_lag_slots",
      "Slots between the newest one and the newest final block, as each node announced it",
      "endpoint",
    ),
    blocks: counter(
      "blocks_total",
      "Whole blocks that were read, by what for: live, or catch_up and finality where a gap is large",
      "class",
    ),
    lostBlocks: counter(
      "lost_blocks_total",
      "Blocks that had to be read and that no node keeps: what is in them is not published",
    ),
    nodeSlot: gauge("node_slot", "Newest slot that each node announced", "endpoint"),
    streamLag: latency(
      "stream_lag_seconds",
      "How long after the first node the other one reported the same transaction",
      "endpoint",
    ),
    slot: gauge(
      "slot",
      "Newest slot that any node announced, of what was published, of the blocks read, and the lowest watermark",
      "of",
    ),
    leader: gauge("leader", "1 while this listener publishes, 0 while it stands by for another"),
    watermarkLag: gauge(
      "watermark_lag_slots",
      "Slots between the newest slot of the node and the lowest watermark",
    ),
    rpcDelayed: counter(
      "rpc_delayed_total",
      "Requests to nodes that waited because of the limit per second, by what they are for",
      "class",
    ),
    rpcWaiting: gauge(
      "rpc_waiting_requests",
      "Requests that wait for the limit per second or for one that is under way, by what they are for",
      "class",
    ),
    rpcOldestWait: gauge(
      "rpc_oldest_wait_seconds",
      "How long the request that waits longest has waited, by what it is for",
      "class",
    ),
    checkpointFailures: counter(
      "checkpoint_failures_total",
      "Checkpoints that could not be saved; the next one holds all that they held",
    ),
    unreadableState: counter(
      "unreadable_state_total",
      "Saved state that is there and cannot be read, by what it is: checkpoint (publication goes on from the present) or market (what was counted of a coin is lost)",
      "kind",
    ),
    subscriptions: gauge("subscriptions", "Subscriptions that are live", "source", "endpoint"),
    queueDepth: gauge(
      "queue_depth",
      "Entries that wait: signatures for their transaction, messages for the broker",
      "queue",
    ),
    nodeFaults: counter(
      "node_faults_total",
      "Frames and answers of a node that are no message of the protocol, or no result, by what is wrong with them",
      "endpoint",
      "kind",
    ),
    rpcRequests: counter("rpc_requests_total", "Requests to nodes", "method", "outcome"),
  };
}

export type ListenerMetrics = ReturnType<typeof createListenerMetrics>;
