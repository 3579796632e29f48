import { above, dashboard, graph, NONE, processPanels, quantile, rate, stat } from "./grafana.mjs";

const JOBS = 'job=~"gateway|listener|admin"';
const READY = '{__name__=~"commcoin_(gateway|listener|admin)_ready"}';

/** Is anything wrong, what do clients get, and what is behind it: everything at once, of all servers. */
export const overview = dashboard({
  uid: "commcoin",
  title: "Community Coin: overview",
  rows: {
    "Is anything wrong?": [
      stat({
        title: "Alerts that fire",
        says: "Each has an entry in docs/operations.md.",
        unit: "short",
        limits: above(1),
        query: 'count(ALERTS{alertstate="firing"}) or vector(0)',
      }),
      stat({
        title: "Services up",
        says: "Share of the services that answer Prometheus.",
        unit: "percentunit",
        good: 1,
        query: `avg(up{${JOBS}})`,
      }),
      stat({
        title: "Services ready",
        says: "Share of the processes that say so at /readyz.",
        unit: "percentunit",
        good: 1,
        query: `avg(${READY})`,
      }),
      stat({
        title: "Redis",
        says: "1 while messages flow through Redis for every service, and it stores what it is given.",
        unit: "short",
        good: 1,
        query: "min(commcoin_broker_up or commcoin_admin_broker_up)",
      }),
      stat({
        title: "Listeners that publish",
        says: "One publishes, the others stand by.",
        unit: "short",
        good: 1,
        limits: above(2),
        query: "sum(commcoin_listener_leader)",
      }),
      stat({
        title: "Slots behind, proven",
        says: "Between the newest slot and the one up to which everything is listed and published. ProofBehind fires above 1,000.",
        unit: "short",
        limits: above(1_000, 300),
        query: "max(commcoin_listener_watermark_lag_slots and on (instance) commcoin_listener_leader == 1)",
      }),
      graph({
        title: "Alerts",
        says: "Those that fire, by name. The place of each in docs/operations.md has the same name.",
        unit: "short",
        limits: NONE,
        stacked: true,
        width: 12,
        queries: {
          "{{alertname}} ({{severity}})": 'sum by (alertname, severity) (ALERTS{alertstate="firing"})',
        },
      }),
      graph({
        title: "Ready",
        says: "1 while all checks of /readyz pass; the page has a sentence for each that does not.",
        unit: "short",
        max: 1,
        width: 12,
        queries: { "{{instance}} {{worker}}": READY },
      }),
    ],
    "What clients get": [
      stat({
        title: "Connections",
        says: "Open client connections of all gateways.",
        unit: "short",
        query: "sum(commcoin_gateway_connections)",
      }),
      stat({
        title: "Users",
        says: "One with connections to two gateways counts twice.",
        unit: "short",
        query: "sum(commcoin_gateway_users)",
      }),
      stat({
        title: "Deliveries",
        says: "Frames handed to client sockets, per second.",
        unit: "ops",
        query: "sum(rate(commcoin_gateway_deliveries_total[$__rate_interval]))",
      }),
      stat({
        title: "Publish to send, p99",
        says: "From publishing to the client's socket. DeliverySlow fires above 1 s. It compares clocks: keep them synchronised.",
        unit: "s",
        limits: above(1, 0.1),
        query: quantile(0.99, "commcoin_gateway_publish_to_send_seconds", []),
      }),
      stat({
        title: "Node to broker, p99",
        says: "From a live notification of the node to the broker's acknowledgement of everything that follows from it.",
        unit: "s",
        limits: above(5, 1),
        query: quantile(0.99, "commcoin_listener_notification_to_publish_seconds", [], 'origin="live"'),
      }),
      stat({
        title: "Positions lost",
        says: "Times that clients were told so within ten minutes. PositionsLost fires above 0.",
        unit: "short",
        limits: above(1),
        query: "round(sum(increase(commcoin_gateway_resets_total[10m])))",
      }),
      graph({
        title: "Connections by gateway",
        says: "They differ where the load balancer does not choose by least connections.",
        unit: "short",
        stacked: true,
        queries: { "{{instance}}": "sum by (instance) (commcoin_gateway_connections)" },
      }),
      graph({
        title: "Deliveries by gateway",
        says: "Frames handed to sockets, one per subscriber.",
        unit: "ops",
        stacked: true,
        queries: { "{{instance}}": rate("commcoin_gateway_deliveries_total", ["instance"]) },
      }),
      graph({
        title: "From the node to the socket",
        says: "What clients feel is the sum of both, and their network.",
        unit: "s",
        limits: above(1),
        queries: {
          "node to broker, p50": quantile(
            0.5,
            "commcoin_listener_notification_to_publish_seconds",
            [],
            'origin="live"',
          ),
          "node to broker, p99": quantile(
            0.99,
            "commcoin_listener_notification_to_publish_seconds",
            [],
            'origin="live"',
          ),
          "publish to send, p50": quantile(0.5, "commcoin_gateway_publish_to_send_seconds", []),
          "publish to send, p99": quantile(0.99, "commcoin_gateway_publish_to_send_seconds", []),
        },
      }),
    ],
    "What is published": [
      graph({
        title: "Messages by type",
        says: "Those that the broker acknowledged. NothingPublished fires after minutes without any.",
        unit: "ops",
        stacked: true,
        queries: { "{{type}}": rate("commcoin_listener_published_total", ["type"]) },
      }),
      graph({
        title: "Closed and refused connections",
        says: "By what the gateways did: docs/protocol.md has the close codes.",
        unit: "ops",
        queries: {
          "closed {{code}}": rate("commcoin_gateway_closes_total", ["code"]),
          "refused: {{code}}": rate("commcoin_gateway_refused_total", ["code"]),
        },
      }),
      graph({
        title: "Servers in the registry",
        says: "By their heartbeats. Suspect servers leave the registry 15 s after their last one.",
        unit: "short",
        queries: { "{{kind}} {{health}}": "max by (kind, health) (commcoin_admin_servers)" },
      }),
    ],
    "Redis and admin": [
      graph({
        title: "Calls to Redis, p99",
        says: "From a call to its answer. RedisSlow fires above 0.25 s.",
        unit: "s",
        limits: above(0.25, 0.05),
        queries: {
          "{{job}} {{call}}": quantile(0.99, "commcoin_broker_call_duration_seconds", ["job", "call"]),
        },
      }),
      graph({
        title: "Calls to Redis",
        says: "Per second, and those of them that failed.",
        unit: "ops",
        queries: {
          "{{job}} {{call}}": rate("commcoin_broker_call_duration_seconds_count", ["job", "call"]),
          "failed: {{call}}, {{reason}}": rate("commcoin_broker_failures_total", ["call", "reason"]),
        },
      }),
      graph({
        title: "Since something arrived from Redis",
        says: "On the subscriber connection where that is longest ago; a probe is sent after 30 s. DeliveriesInDoubt fires above 40 s.",
        unit: "s",
        limits: above(40, 35),
        queries: { "{{instance}} {{worker}}": "commcoin_broker_proof_age_seconds" },
      }),
      graph({
        title: "Admin requests",
        says: "Answered requests, and messages published through the API.",
        unit: "ops",
        queries: {
          "{{route}} {{status}}": rate("commcoin_admin_requests_total", ["route", "status"]),
          "broadcast to {{target}}": rate("commcoin_admin_broadcasts_total", ["target"]),
        },
      }),
      graph({
        title: "Admin latency, p99",
        says: "From the head of a request to the end of the answer.",
        unit: "s",
        limits: above(3, 1),
        queries: { "{{route}}": quantile(0.99, "commcoin_admin_request_duration_seconds", ["route"]) },
      }),
      graph({
        title: "Questions to the gateways",
        says: "What the admin service asked them, by whether all answered in time.",
        unit: "ops",
        queries: { "{{question}} {{result}}": rate("commcoin_admin_surveys_total", ["question", "result"]) },
      }),
    ],
    Processes: processPanels(JOBS),
  },
});
