import { above, dashboard, graph, NONE, processPanels, quantile, rate, stat } from "./grafana.mjs";

const HERE = 'instance=~"$server"';
const here = (metric) => `${metric}{${HERE}}`;

/** Who publishes, how far, and what the nodes do. */
export const listener = dashboard({
  uid: "commcoin-listener",
  title: "Community Coin: listeners",
  serversOf: "commcoin_listener_ready",
  rows: {
    "At a glance": [
      stat({
        title: "Publishing",
        says: "One listener publishes, the others stand by. NobodyPublishes fires at any other number.",
        unit: "short",
        good: 1,
        limits: above(2),
        query: `sum(${here("commcoin_listener_leader")})`,
      }),
      stat({
        title: "Ready",
        says: "Share of the listeners that say so at /readyz.",
        unit: "percentunit",
        good: 1,
        query: `avg(${here("commcoin_listener_ready")})`,
      }),
      stat({
        title: "Messages",
        says: "Messages per second that the broker acknowledged.",
        unit: "ops",
        query: `sum(rate(${here("commcoin_listener_published_total")}[$__rate_interval]))`,
      }),
      stat({
        title: "Node to broker, p99",
        says: "From a live notification to the broker's acknowledgement of everything that follows from it.",
        unit: "s",
        limits: above(5, 1),
        query: quantile(
          0.99,
          "commcoin_listener_notification_to_publish_seconds",
          [],
          `origin="live", ${HERE}`,
        ),
      }),
      stat({
        title: "Slots behind, proven",
        says: "Between the newest slot and the one up to which everything is listed and published. ProofBehind fires above 1,000.",
        unit: "short",
        limits: above(1_000, 300),
        query: `max(commcoin_listener_watermark_lag_slots{${HERE}} and on (instance) commcoin_listener_leader == 1)`,
      }),
      stat({
        title: "Requests that fail",
        says: "Share of the requests to nodes, which are asked again. NodeRefusesRequests fires above 10 %.",
        unit: "percentunit",
        limits: above(0.1, 0.02),
        query:
          `(sum(rate(commcoin_listener_rpc_requests_total{outcome!="ok", ${HERE}}[$__rate_interval])) or vector(0))` +
          ` / sum(rate(commcoin_listener_rpc_requests_total{${HERE}}[$__rate_interval]))`,
      }),
    ],
    "What is published": [
      graph({
        title: "Messages by type",
        says: "Those that the broker acknowledged.",
        unit: "ops",
        stacked: true,
        queries: { "{{type}}": rate("commcoin_listener_published_total", ["type"], HERE) },
      }),
      graph({
        title: "Transactions by origin",
        says: "How they were found: live by a stream, by a backfill after a gap, or late by an audit.",
        unit: "ops",
        stacked: true,
        queries: { "{{origin}}": rate("commcoin_listener_published_transactions_total", ["origin"], HERE) },
      }),
      graph({
        title: "Transactions by kind",
        says: "As they were decoded.",
        unit: "ops",
        stacked: true,
        queries: { "{{kind}}": rate("commcoin_listener_transactions_total", ["kind"], HERE) },
      }),
      graph({
        title: "Notification to publish",
        says: "By how the transaction was found, and how long its node took to give it. ListenerBehind fires above 5 s.",
        unit: "s",
        limits: above(5, 1),
        queries: {
          "p50 {{origin}}": quantile(
            0.5,
            "commcoin_listener_notification_to_publish_seconds",
            ["origin"],
            HERE,
          ),
          "p99 {{origin}}": quantile(
            0.99,
            "commcoin_listener_notification_to_publish_seconds",
            ["origin"],
            HERE,
          ),
          "p99 fetch of a transaction": quantile(0.99, "commcoin_listener_fetch_seconds", [], HERE),
        },
      }),
      graph({
        title: "Queues",
        says: "Entries that wait: signatures for their transaction, messages for the broker, transactions for their end.",
        unit: "short",
        queries: { "{{instance}} {{queue}}": here("commcoin_listener_queue_depth") },
      }),
      graph({
        title: "How transactions ended",
        says: "Confirmed ones: finalized, relanded in another block, dropped by a fork, or unknown. EndsUnknown fires for the last.",
        unit: "ops",
        queries: { "{{outcome}}": rate("commcoin_listener_concluded_total", ["outcome"], HERE) },
      }),
    ],
    "How far": [
      graph({
        title: "Who publishes",
        says: "1 is the listener that does, 0 stands by.",
        unit: "short",
        max: 1,
        queries: { "{{instance}}": here("commcoin_listener_leader") },
      }),
      graph({
        title: "Slots",
        says: "The newest that any node announced, that of the newest message, and the watermark.",
        unit: "none",
        queries: { "{{instance}} {{of}}": here("commcoin_listener_slot") },
      }),
      graph({
        title: "Slots behind, proven",
        says: "Between the newest slot and the one up to which everything is listed and published.",
        unit: "short",
        limits: above(1_000, 300),
        queries: { "{{instance}}": here("commcoin_listener_watermark_lag_slots") },
      }),
    ],
    Nodes: [
      graph({
        title: "First to report",
        says: "Transactions that the stream of each node brought before the other.",
        unit: "ops",
        queries: { "{{endpoint}}": rate("commcoin_listener_wins_total", ["endpoint"], HERE) },
      }),
      graph({
        title: "Later than the other node",
        says: "How long after the first node the other one reported the same transaction. One node alone is never later.",
        unit: "s",
        queries: {
          "p50 {{endpoint}}": quantile(0.5, "commcoin_listener_stream_lag_seconds", ["endpoint"], HERE),
          "p99 {{endpoint}}": quantile(0.99, "commcoin_listener_stream_lag_seconds", ["endpoint"], HERE),
        },
      }),
      graph({
        title: "Missed by live streams",
        says: "Transactions that another node or an audit brought. StreamMisses fires above 0 for ten minutes.",
        unit: "ops",
        limits: NONE,
        queries: {
          "{{endpoint}} {{source}}": rate("commcoin_listener_missed_total", ["source", "endpoint"], HERE),
        },
      }),
      graph({
        title: "Slots behind the newest",
        says: "Of each node: one that stays behind is no second node.",
        unit: "short",
        limits: above(50, 10),
        queries: {
          "{{endpoint}}": `scalar(max(${here("commcoin_listener_node_slot")})) - max by (endpoint) (${here("commcoin_listener_node_slot")})`,
        },
      }),
      graph({
        title: "Slots without finality",
        says: "Between the newest slot and the newest final block, as each node announced it.",
        unit: "short",
        limits: above(300, 100),
        queries: { "{{endpoint}}": `max by (endpoint) (${here("commcoin_listener_finality_lag_slots")})` },
      }),
      graph({
        title: "Connections that ended",
        says: "By reason. NodeReconnects fires above 5 of one node within an hour.",
        unit: "ops",
        limits: NONE,
        queries: {
          "{{endpoint}} {{reason}}": rate("commcoin_listener_reconnects_total", ["endpoint", "reason"], HERE),
        },
      }),
      graph({
        title: "Requests to nodes",
        says: "By outcome: whatever is not ok is asked again. A provider bills their sum.",
        unit: "ops",
        stacked: true,
        queries: { "{{outcome}}": rate("commcoin_listener_rpc_requests_total", ["outcome"], HERE) },
      }),
      graph({
        title: "Requests by method",
        says: "One getTransaction per transaction, one getSignaturesForAddress per audit and address.",
        unit: "ops",
        stacked: true,
        queries: { "{{method}}": rate("commcoin_listener_rpc_requests_total", ["method"], HERE) },
      }),
      graph({
        title: "Requests that wait",
        says: "For the limit per second, or for one that is under way.",
        unit: "short",
        queries: { "{{class}}": `sum by (class) (${here("commcoin_listener_rpc_waiting_requests")})` },
      }),
      graph({
        title: "Longest wait of a request",
        says: "Finality and catch-ups wait first, live transactions should not. RequestsWait fires above 30 s.",
        unit: "s",
        limits: above(30, 5),
        queries: { "{{class}}": `max by (class) (${here("commcoin_listener_rpc_oldest_wait_seconds")})` },
      }),
      graph({
        title: "Whole blocks and large gaps",
        says: "Blocks that were read, by what for, and gaps that are too large to be listed.",
        unit: "ops",
        queries: {
          "blocks: {{class}}": rate("commcoin_listener_blocks_total", ["class"], HERE),
          "large gaps: {{source}}": rate("commcoin_listener_large_gaps_total", ["source"], HERE),
        },
      }),
      graph({
        title: "Skipped slots",
        says: "Slots that have no block, as each node announced it: the chain does so.",
        unit: "ops",
        queries: { "{{endpoint}}": rate("commcoin_listener_skipped_slots_total", ["endpoint"], HERE) },
      }),
    ],
    "What is followed": [
      graph({
        title: "Notifications",
        says: "Signatures that each source reported, repetitions included.",
        unit: "ops",
        queries: {
          "{{source}} {{origin}}": rate("commcoin_listener_notifications_total", ["source", "origin"], HERE),
        },
      }),
      graph({
        title: "Subscriptions",
        says: "Those that are live, by source and node.",
        unit: "short",
        queries: { "{{instance}} {{source}} {{endpoint}}": here("commcoin_listener_subscriptions") },
      }),
      graph({
        title: "Accounts",
        says: "Watched; followed by clients; and refused, because WATCHED_ACCOUNTS_MAX is lower here than at the gateways.",
        unit: "short",
        queries: {
          "watched, {{instance}}": here("commcoin_listener_watched_accounts"),
          "followed by clients, {{instance}}": here("commcoin_listener_demanded_accounts"),
          "refused, {{instance}}": here("commcoin_listener_refused_accounts"),
        },
      }),
    ],
    Trouble: [
      graph({
        title: "Not published, or late",
        says: "All of it should be zero. TransactionsMissing fires for the first three.",
        unit: "ops",
        limits: NONE,
        queries: {
          "no node gives it": `sum(rate(${here("commcoin_listener_unavailable_transactions_total")}[$__rate_interval]))`,
          "no node keeps its block": `sum(rate(${here("commcoin_listener_lost_blocks_total")}[$__rate_interval]))`,
          "not decoded": `sum(rate(${here("commcoin_listener_decode_errors_total")}[$__rate_interval]))`,
          "refused by the broker: {{type}}": rate("commcoin_listener_unpublishable_total", ["type"], HERE),
          "out of order: {{source}}": rate("commcoin_listener_late_total", ["source"], HERE),
        },
      }),
      graph({
        title: "What nodes do wrong",
        says: "Frames and answers that are no message of the protocol, transactions announced and not given, subscriptions that failed.",
        unit: "ops",
        limits: NONE,
        queries: {
          "malformed notifications": `sum(rate(${here("commcoin_listener_malformed_notifications_total")}[$__rate_interval]))`,
          "announced and not there yet": `sum(rate(${here("commcoin_listener_null_fetches_total")}[$__rate_interval]))`,
          "{{endpoint}}: {{kind}}": rate("commcoin_listener_node_faults_total", ["endpoint", "kind"], HERE),
          "subscription failed: {{source}}": rate(
            "commcoin_listener_subscription_failures_total",
            ["source"],
            HERE,
          ),
        },
      }),
      graph({
        title: "What Redis does not take",
        says: "Batches and checkpoints that could not be stored, and saved state that could not be read.",
        unit: "ops",
        limits: NONE,
        queries: {
          "batches sent again": `sum(rate(${here("commcoin_listener_publish_failures_total")}[$__rate_interval]))`,
          "checkpoints not saved": `sum(rate(${here("commcoin_listener_checkpoint_failures_total")}[$__rate_interval]))`,
          "unreadable {{kind}}": rate("commcoin_listener_unreadable_state_total", ["kind"], HERE),
        },
      }),
    ],
    Processes: processPanels(`job="listener", ${HERE}`),
  },
});
