import { USER_ID_RULE } from "@commcoin/protocol";
import { eventFrameDocs } from "@commcoin/protocol/asyncapi";
import { VERSION } from "@commcoin/service/telemetry";
import type { ErrorBody, ErrorCode } from "../api-error.ts";

/** An example with the few words that stand beside it. */
export interface Example {
  readonly summary: string;
  readonly value: unknown;
}

/** How one operation is called, what it answers when all goes well, and what else only it says. */
export interface OperationExamples {
  readonly description?: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly bodies?: Readonly<Record<string, Example>>;
  readonly answer: unknown;
  /** By status; those that many operations have stand in `error-examples.ts`. */
  readonly errors?: Readonly<Record<number, unknown>>;
}

const error = (code: ErrorCode, message: string): ErrorBody => ({ code, message });
const noServer = error(
  "unknown_server",
  'No gateway "gateway-9" is in the registry; GET /api/servers lists them.',
);
const noConnection = error("not_found", "No gateway has connection 5zim7Ww3CP8T6LiJ.");
const perhapsConnection = error(
  "not_answered",
  "The gateways that answered do not have connection 5zim7Ww3CP8T6LiJ; no answer came in time from gateway-2. Try again.",
);
const badConnection = error("bad_request", "id: must be 1 to 64 letters, digits, '_' and '-'");
const badLimit = error("bad_request", "limit: Too small: expected number to be >=1");

const STARTED_AT = 1_763_896_400_000;
const OPENED_AT = 1_763_899_940_120;
const EPOCH = "x3bq9Zk1";
const NODE = "wss://node.example";
const HEALTH = { state: "ready", age_ms: 1_240, health: "healthy" } as const;
const REGISTERED = { ...HEALTH, clock_skew_ms: -3, superseded: 0 } as const;

const processOf = (address: string, port: number) => ({
  version: "0.1.0",
  host: `host-${address.split(".").at(-1)}`,
  addresses: [address],
  port,
  clock: 1_763_899_998_757,
});

const servers = [
  {
    server_id: "admin-1",
    service: "admin",
    instance: "59900099-c9d9-48e6-b328-f82bc8e1d4f3",
    started_at: STARTED_AT,
    counts: {},
    ...REGISTERED,
    process: processOf("10.0.0.4", 8_081),
  },
  {
    server_id: "gateway-1",
    service: "gateway",
    instance: "d9e4428d-9236-44f7-af20-2ee87909fc65",
    started_at: STARTED_AT,
    counts: { connections: 2, users: 1, subscriptions: 5 },
    ...REGISTERED,
    process: processOf("10.0.0.5", 8_080),
  },
];

const stream = {
  endpoint: NODE,
  state: "live",
  live: 1,
  slot: 381_234_601,
  slot_age_ms: 210,
  lag: 0,
  reconnects: 0,
  won: 96,
  duplicates: 0,
  backfilled: 3,
  missed: 0,
  doubted: false,
  left: 0,
};

const listener = {
  server_id: "listener-1",
  instance: "c23c2538-5cae-4a93-bbe6-112ee0e64c56",
  started_at: STARTED_AT,
  ...REGISTERED,
  process: processOf("10.0.0.6", 8_082),
  status: {
    role: "leader",
    fence: 7,
    slot: 381_234_601,
    watermark: 381_234_567,
    lag: 34,
    sources: [
      { name: "program", state: "live", wanted: 1, watermark: 381_234_567, lag: 34, streams: [stream] },
    ],
    chain: "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d",
    set_aside: [],
    spares: [],
    queues: { signatures: 0, messages: 0, finality: 14 },
    requests_delayed: 0,
    endpoints: [
      {
        endpoint: "https://node.example",
        requests: 5_120,
        rate_limited: 3,
        failed: 1,
        waiting: 0,
        per_second: 40,
        pause_ms: 0,
      },
    ],
    refusals: [],
    checkpoint_age_ms: 912,
    audit_age_ms: 468,
  },
};

const connection = {
  id: "5zim7Ww3CP8T6LiJ",
  server_id: "gateway-1",
  user_id: "123",
  address: "203.0.113.9",
  user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  since: OPENED_AT,
  last_seen: OPENED_AT + 60_000,
  topics: ["broadcast", "server:gateway-1", "user:123", "token_updates", "market_data"],
  topic_count: 5,
  sent: 126,
  received: 2,
  buffered: 0,
};

const closed = {
  id: connection.id,
  server_id: connection.server_id,
  user_id: connection.user_id,
  address: connection.address,
  since: OPENED_AT,
  closed_at: OPENED_AT + 93_500,
  code: 3012,
  reason: "no pong",
  by_gateway: true,
};

const done = { connections: 2, servers: 1, missing_servers: [] };
const MARKET_DATA = eventFrameDocs.MarketData.example;
const notification = { title: "Welcome", message: "Your account is ready.", notification_type: "info" };

const broadcasts: Readonly<Record<string, Example>> = {
  user: {
    summary: "A notification to a user",
    value: {
      type: "Notification",
      data: { user_id: "123", ...notification },
      target: { user_id: "123" },
      id: "welcome-123",
    },
  },
  everybody: {
    summary: "A notification to everybody",
    value: {
      type: "Notification",
      data: {
        user_id: null,
        title: "Maintenance",
        message: "We are back in five minutes.",
        notification_type: "warning",
      },
      target: { all: true },
    },
  },
  topic: {
    summary: "Market data to a topic",
    value: { type: "MarketData", data: MARKET_DATA.data, target: { topic: "market_data" } },
  },
  server: {
    summary: "A notification to the connections of one gateway",
    value: {
      type: "Notification",
      data: { user_id: null, ...notification },
      target: { server_id: "gateway-1" },
    },
  },
};

const SEND = `To send a notification to a user:

1. press *Authorize* and give the token, the value of the environment variable ADMIN_TOKEN;
2. press *Try it out* here, and choose *A notification to a user*;
3. write the user's id into \`target.user_id\` and \`data.user_id\`, and your text into \`data\`; take \`id\` out, or make up
   one: what was sent with it before is not sent again;
4. press *Execute*. The answer tells the position at which it is stored.

\`target\` picks the topic: \`{"all": true}\` is \`broadcast\`, \`{"user_id": "123"}\` is \`user:123\`, and so on. Whoever is
connected gets the message now, others when they come back and ask for what they missed.`;

const PAGES = "`next_cursor` of a page is the `cursor` of the next one; it is null at the end.";

const METRICS = `# HELP commcoin_admin_ready 1 while all checks of readiness pass, else 0; \`/readyz\` says which does not
# TYPE commcoin_admin_ready gauge
commcoin_admin_ready{service="admin"} 1
`;

/** By the ids of operations. */
export const OPERATION_EXAMPLES: Readonly<Record<string, OperationExamples>> = {
  getConnections: {
    answer: {
      total_connections: 2,
      active_users: 1,
      subscriptions: 5,
      server_id: "admin-1",
      servers: [
        {
          total_connections: 2,
          active_users: 1,
          subscriptions: 5,
          server_id: "gateway-1",
          started_at: STARTED_AT,
          ...HEALTH,
        },
      ],
    },
  },
  getServers: { answer: { servers, broker: "redis" } },
  getListener: { answer: { listeners: [listener] } },
  drainServer: {
    parameters: { id: "gateway-1" },
    answer: { server_id: "gateway-1", connections: 2 },
    errors: {
      400: error("bad_request", "id: must be 1 to 64 letters, digits, '.', '_' and '-'"),
      404: noServer,
      504: error(
        "not_answered",
        "No answer came in time from gateway-2; it may have done it all the same. GET /api/servers tells.",
      ),
    },
  },
  listConnections: {
    description: PAGES,
    answer: { connections: [connection], next_cursor: null, missing_servers: [] },
    errors: { 400: badLimit, 404: noServer },
  },
  listClosedConnections: {
    description: PAGES,
    answer: { connections: [closed], next_cursor: null, missing_servers: [] },
    errors: { 400: badLimit, 404: noServer },
  },
  getConnection: {
    parameters: { id: connection.id },
    answer: connection,
    errors: { 400: badConnection, 404: noConnection, 504: perhapsConnection },
  },
  disconnectConnection: {
    parameters: { id: connection.id },
    answer: { ...done, connections: 1 },
    errors: { 400: badConnection, 404: noConnection, 504: perhapsConnection },
  },
  disconnectUser: {
    parameters: { id: "123" },
    answer: done,
    errors: {
      400: error("bad_request", `id: must be ${USER_ID_RULE}`),
      404: error("not_found", "No gateway has a connection of user 123."),
      504: error(
        "not_answered",
        "The gateways that answered do not have a connection of user 123; no answer came in time from gateway-2. Try again.",
      ),
    },
  },
  broadcast: {
    description: SEND,
    bodies: broadcasts,
    answer: { topic: "user:123", epoch: EPOCH, offset: 10, id: "welcome-123", duplicate: false },
    errors: {
      400: error("bad_request", "data.message: is missing (string)"),
      404: error(
        "unknown_server",
        'target.server_id: no gateway "gateway-9" is in the registry; GET /api/servers lists them.',
      ),
      413: error("payload_too_large", "The body is too large: 262144 bytes may come."),
      415: error(
        "unsupported_media_type",
        "The body must be JSON, with the header 'content-type: application/json'.",
      ),
      429: error(
        "rate_limited",
        "This server takes 100 messages per second (ADMIN_BROADCASTS_PER_SECOND); this one was not published, send it again.",
      ),
    },
  },
  listTopics: {
    description: PAGES,
    answer: {
      topics: [
        { topic: "market_data", subscribers: 2, epoch: EPOCH, offset: 311, messages_per_second: 4.3 },
        { topic: "user:123", subscribers: 2, epoch: EPOCH, offset: 10, messages_per_second: 0 },
      ],
      next_cursor: "user:123",
      missing_servers: [],
    },
    errors: { 400: badLimit },
  },
  getTopicHistory: {
    parameters: { topic: "market_data" },
    answer: {
      topic: "market_data",
      epoch: EPOCH,
      offset: MARKET_DATA.offset,
      recovered: true,
      more: false,
      next: `${EPOCH}:${MARKET_DATA.offset}`,
      cut: false,
      messages: [MARKET_DATA],
    },
    errors: { 400: error("bad_request", "since: must be a position: epoch:offset") },
  },
  getLiveness: { answer: { status: "ok", version: VERSION } },
  getReadiness: {
    answer: { ready: true, checks: { broker: { ok: true }, heartbeat: { ok: true }, running: { ok: true } } },
    errors: {
      503: {
        ready: false,
        checks: {
          broker: { ok: true },
          heartbeat: { ok: true },
          running: { ok: false, message: "The server is stopping." },
        },
      },
    },
  },
  getMetrics: { answer: METRICS },
};
