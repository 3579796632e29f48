import { above, dashboard, graph, NONE, processPanels, quantile, rate, stat } from "./grafana.mjs";

const HERE = 'instance=~"$server"';
const here = (metric) => `${metric}{${HERE}}`;
const EACH = ["instance", "worker"];

/** One gateway or several: who is connected, what they get, what they lost, and what it costs. */
export const gateway = dashboard({
  uid: "commcoin-gateway",
  title: "Community Coin: gateways",
  serversOf: "commcoin_gateway_ready",
  rows: {
    "At a glance": [
      stat({
        title: "Ready",
        says: "Share of the processes that say so at /readyz.",
        unit: "percentunit",
        good: 1,
        query: `avg(${here("commcoin_gateway_ready")})`,
      }),
      stat({
        title: "Connections",
        says: "Open client connections.",
        unit: "short",
        query: `sum(${here("commcoin_gateway_connections")})`,
      }),
      stat({
        title: "Deliveries",
        says: "Frames handed to client sockets, per second.",
        unit: "ops",
        query: `sum(rate(${here("commcoin_gateway_deliveries_total")}[$__rate_interval]))`,
      }),
      stat({
        title: "Publish to send, p99",
        says: "From publishing to the client's socket. DeliverySlow fires above 1 s.",
        unit: "s",
        limits: above(1, 0.1),
        query: quantile(0.99, "commcoin_gateway_publish_to_send_seconds", [], HERE),
      }),
      stat({
        title: "Topics that stand still",
        says: "Topics that wait for messages to be read from history. TopicsStandStill fires above 0 for a minute.",
        unit: "short",
        limits: above(1),
        query: `sum(${here("commcoin_gateway_filling_topics")})`,
      }),
      stat({
        title: "Event loop lag, p99",
        says: "Of the process where it is longest. EventLoopFull fires above 0.1 s.",
        unit: "s",
        limits: above(0.1, 0.05),
        query: `max(nodejs_eventloop_lag_p99_seconds{job="gateway", ${HERE}})`,
      }),
    ],
    Clients: [
      graph({
        title: "Connections",
        says: "Per process. WEBSOCKET_MAX_CONNECTIONS is the most that it accepts.",
        unit: "short",
        stacked: true,
        queries: { "{{instance}} {{worker}}": here("commcoin_gateway_connections") },
      }),
      graph({
        title: "Users and subscriptions",
        says: "A user with connections to two gateways counts twice.",
        unit: "short",
        queries: {
          users: `sum(${here("commcoin_gateway_users")})`,
          subscriptions: `sum(${here("commcoin_gateway_subscriptions")})`,
          "topics with a feed": `sum(${here("commcoin_gateway_topics")})`,
        },
      }),
      graph({
        title: "Users that come and go",
        says: "As this gateway told the cluster: the first connection of a user, and the end of the last one.",
        unit: "ops",
        queries: { "{{activity}}": rate("commcoin_gateway_user_events_total", ["activity"], HERE) },
      }),
      graph({
        title: "Refused connections",
        says: "Before they were opened. ClientsRefused fires where it was for want of room.",
        unit: "ops",
        limits: NONE,
        queries: { "{{code}}": rate("commcoin_gateway_refused_total", ["code"], HERE) },
      }),
      graph({
        title: "Closed connections",
        says: "By the gateway: 3001 shutdown, 3008 slow, 3012 no pong, 3503 operator, 3504 limit, 3509 too many errors.",
        unit: "ops",
        queries: {
          "{{code}}": rate("commcoin_gateway_closes_total", ["code"], HERE),
          "over the limit of one {{limit}}": rate("commcoin_gateway_over_limit_total", ["limit"], HERE),
        },
      }),
      graph({
        title: "Tokens",
        says: "With AUTH_MODE=jwt: tokens that were judged, by outcome.",
        unit: "ops",
        queries: { "{{outcome}}": rate("commcoin_gateway_authentications_total", ["outcome"], HERE) },
      }),
      graph({
        title: "Frames from clients",
        says: "By type: what clients ask for.",
        unit: "ops",
        queries: { "{{type}}": rate("commcoin_gateway_frames_in_total", ["type"], HERE) },
      }),
      graph({
        title: "Error frames",
        says: "Answers to clients that asked for something wrong.",
        unit: "ops",
        queries: { "{{code}}": rate("commcoin_gateway_errors_total", ["code"], HERE) },
      }),
      graph({
        title: "Followed accounts",
        says: "Accounts that connections have watched, and those refused because of WATCHED_ACCOUNTS_MAX, per second.",
        unit: "short",
        queries: {
          "followed, {{instance}} {{worker}}": here("commcoin_gateway_demanded_accounts"),
          refused: `sum(rate(${here("commcoin_gateway_refused_accounts_total")}[$__rate_interval]))`,
        },
      }),
    ],
    Delivery: [
      graph({
        title: "Deliveries",
        says: "Frames handed to sockets, one per subscriber: what a gateway pays for.",
        unit: "ops",
        stacked: true,
        queries: { "{{instance}} {{worker}}": rate("commcoin_gateway_deliveries_total", EACH, HERE) },
      }),
      graph({
        title: "Frames from Redis",
        says: "Frames published to local subscribers. Where they stop on one gateway alone, it is that gateway.",
        unit: "ops",
        queries: { "{{instance}} {{worker}}": rate("commcoin_gateway_published_frames_total", EACH, HERE) },
      }),
      graph({
        title: "Bytes delivered",
        says: "Payload handed to sockets, without what the network adds.",
        unit: "Bps",
        stacked: true,
        queries: { "{{instance}} {{worker}}": rate("commcoin_gateway_delivered_bytes_total", EACH, HERE) },
      }),
      graph({
        title: "Publish to send",
        says: "From publishing to the client's socket, of every 8th frame. It compares the clocks of two machines.",
        unit: "s",
        limits: above(1, 0.1),
        queries: {
          "p50 {{instance}}": quantile(0.5, "commcoin_gateway_publish_to_send_seconds", ["instance"], HERE),
          "p99 {{instance}}": quantile(0.99, "commcoin_gateway_publish_to_send_seconds", ["instance"], HERE),
        },
      }),
      graph({
        title: "Waiting for slow clients",
        says: "Bytes that wait in memory for clients that do not keep up.",
        unit: "bytes",
        queries: { "{{instance}} {{worker}}": here("commcoin_gateway_waiting_bytes") },
      }),
      graph({
        title: "Slow clients",
        says: "Closed because too much waited for them, and those that began to get the newest values only. ClientsTooSlow fires above 1 closed per second.",
        unit: "ops",
        limits: above(1),
        queries: {
          "closed, {{instance}}": rate("commcoin_gateway_slow_consumers_total", ["instance"], HERE),
          "newest values only, {{instance}}": rate("commcoin_gateway_conflations_total", ["instance"], HERE),
        },
      }),
    ],
    Positions: [
      graph({
        title: "Replays",
        says: "What clients that came back asked for, by where it came from and whether they got it.",
        unit: "ops",
        queries: {
          "{{source}}, {{outcome}}": rate("commcoin_gateway_recoveries_total", ["source", "outcome"], HERE),
        },
      }),
      graph({
        title: "Gaps filled",
        says: "Frames read from history because they had not arrived. Clients do not notice.",
        unit: "ops",
        queries: { "{{instance}} {{worker}}": rate("commcoin_gateway_gaps_filled_total", EACH, HERE) },
      }),
      graph({
        title: "Positions lost",
        says: "Clients were told that messages are lost to them, by reason. PositionsLost fires above 0.",
        unit: "ops",
        limits: NONE,
        queries: { "{{reason}}": rate("commcoin_gateway_resets_total", ["reason"], HERE) },
      }),
    ],
    Redis: [
      graph({
        title: "Messages flow",
        says: "1 while messages flow through Redis and it stores what it is given.",
        unit: "short",
        max: 1,
        queries: { "{{instance}} {{worker}}": `commcoin_broker_up{job="gateway", ${HERE}}` },
      }),
      graph({
        title: "Calls to Redis, p99",
        says: "From a call to its answer. RedisSlow fires above 0.25 s.",
        unit: "s",
        limits: above(0.25, 0.05),
        queries: {
          "{{instance}} {{call}}": quantile(
            0.99,
            "commcoin_broker_call_duration_seconds",
            ["instance", "call"],
            `job="gateway", ${HERE}`,
          ),
        },
      }),
      graph({
        title: "Reads of history",
        says: "By whether what was asked for was there.",
        unit: "ops",
        queries: {
          "{{result}}": rate("commcoin_broker_history_total", ["result"], `job="gateway", ${HERE}`),
        },
      }),
    ],
    Processes: [
      ...processPanels(`job="gateway", ${HERE}`),
      graph({
        title: "Workers",
        says: "Of GATEWAY_WORKERS: how many accept clients.",
        unit: "short",
        width: 12,
        queries: { "{{instance}}": `sum by (instance) (${here("commcoin_gateway_worker_up")})` },
      }),
      graph({
        title: "Workers that ended",
        says: "By themselves, within ten minutes. WorkerDies fires above 0.",
        unit: "short",
        limits: NONE,
        width: 12,
        queries: {
          "{{instance}}": `sum by (instance) (increase(${here("commcoin_gateway_worker_restarts_total")}[10m]))`,
        },
      }),
    ],
  },
});
