import { BROADCAST_TOPIC } from "@commcoin/protocol";
import {
  commonVariables,
  integer,
  list,
  optionalInteger,
  port,
  requireBroker,
  SERVER_ID_MAX_LENGTH,
  watchedAccountsVariables,
} from "@commcoin/service/config";
import { z } from "zod";
import { originPattern } from "./admission/allowed-origins.ts";
import { DEFAULT_CONNECTIONS_PER_ADDRESS, DEFAULT_CONNECTIONS_PER_USER } from "./admission/default-limits.ts";
import { addressRange } from "./connections/client-address.ts";
import { workerServerId } from "./workers/server-id.ts";
import { checkIdentity, identityVariables, type IdentityConfig } from "./identity/identity-variables.ts";

const RESERVED_TOPIC_NAMES = new Set([BROADCAST_TOPIC, "server", "user"]);

/** More than the cores of any machine that is worth sharing one port of. */
const WORKERS_MAX = 64;

const topicName = z
  .string()
  .regex(/^[a-z0-9_-]{1,64}$/, "must be topic names of 1 to 64 lower-case letters, digits, '_' or '-'")
  .refine(
    (name) => !RESERVED_TOPIC_NAMES.has(name),
    "must not name broadcast, server or user: the server joins those",
  );

/** Environment variables of the gateway. */
export const gatewayVariables = z.object({
  ...commonVariables,
  WEBSOCKET_PORT: port(8080, { description: "Port of the WebSocket endpoint, its health and its metrics" }),
  GATEWAY_WORKERS: integer(1, {
    description:
      "Processes that share the port, for more than one core; each is a server of its own, SERVER_ID with -1, -2 …",
    min: 1,
    max: WORKERS_MAX,
  }),
  WEBSOCKET_MAX_CONNECTIONS: integer(10_000, {
    description: "Connections that one gateway accepts; each worker, where there are several",
    min: 1,
    max: 10_000_000,
  }),
  WEBSOCKET_HEARTBEAT_INTERVAL: integer(30, {
    description: "Seconds between the pings to a client; one that does not answer is closed",
    min: 1,
    max: 300,
  }),
  WEBSOCKET_MAX_CONNECTIONS_PER_IP: optionalInteger(DEFAULT_CONNECTIONS_PER_ADDRESS, {
    description:
      "Connections from one address to all gateways together, an IPv6 network of 64 bits counting as one; 0 means any number. Where it is not set, private and loopback addresses are not counted",
  }),
  WEBSOCKET_MAX_CONNECTIONS_PER_USER: optionalInteger(DEFAULT_CONNECTIONS_PER_USER, {
    description:
      "Connections of one user to all gateways together; 0 means any number. Where it is not set, users are counted with AUTH_MODE=jwt only",
  }),
  WEBSOCKET_CONNECTS_PER_SECOND: integer(5_000, {
    description:
      "New connections per second that one gateway accepts; each worker, where there are several; 0 means any number",
  }),
  WEBSOCKET_MAX_SUBSCRIPTIONS: integer(128, {
    description: "Topics that one connection may subscribe to",
    min: 1,
    max: 10_000,
  }),
  WEBSOCKET_MAX_TOPICS: integer(20_000, {
    description:
      "Different topics that one gateway follows because clients asked for them; each worker, where there are several",
    min: 1,
    max: 10_000_000,
  }),
  WEBSOCKET_NEW_TOPICS_PER_SECOND: integer(1_000, {
    description:
      "Of those, how many one gateway begins to follow per second, twice as many at once; each worker, where there are several",
    min: 1,
    max: 1_000_000,
  }),
  WEBSOCKET_HISTORY_READS: integer(8, {
    description: "Reads of past messages that one gateway makes at a time for its clients; others wait",
    min: 1,
    max: 1_000,
  }),
  WEBSOCKET_HISTORY_REQUESTS: integer(4, {
    description: "Requests for history that one connection may have under way; more are refused",
    min: 1,
    max: 1_000,
  }),
  WEBSOCKET_MAX_FRAME_BYTES: integer(65_536, {
    description: "Largest message that a client may send",
    min: 1_024,
    max: 1_048_576,
  }),
  WEBSOCKET_FRAMES_PER_SECOND: integer(50, {
    description: "Messages per second that one client may send; four times as many in a burst",
    min: 1,
    max: 100_000,
  }),
  WEBSOCKET_MAX_BACKPRESSURE_BYTES: integer(1_048_576, {
    description: "Bytes that wait for one slow client before it is closed",
    min: 262_144,
    max: 1_073_741_824,
  }),
  ...watchedAccountsVariables,
  WEBSOCKET_EXTRA_TOPICS: list(topicName, {
    description: "Names of further topics that clients may subscribe to, with or without an argument",
    max: 100,
  }),
  WEBSOCKET_ALLOWED_ORIGINS: list(originPattern, {
    description:
      "Origins of the pages that may connect, as browsers send them: https://app.example.com, https://*.example.com, capacitor://localhost, null (files and sandboxed frames of anybody); empty means any",
    max: 100,
  }),
  TRUSTED_PROXIES: list(addressRange, {
    description:
      "Addresses or ranges (CIDR) of the proxies in front, whose X-Forwarded-For is believed; empty means none",
    max: 100,
  }),
  ...identityVariables,
  SHUTDOWN_DRAIN_SECONDS: integer(10, {
    description: "Seconds over which the connections are closed when the gateway stops",
    max: 300,
  }),
});

export type GatewayConfig = Readonly<z.infer<typeof gatewayVariables>>;

/** What must be true of several variables together, wherever the gateway runs. */
export function checkGatewayConfig(
  config: IdentityConfig & Pick<GatewayConfig, "NODE_ENV">,
  context: z.RefinementCtx,
): void {
  checkIdentity(config, context);
  if (config.NODE_ENV !== "production" || config.AUTH_MODE !== undefined) return;
  context.addIssue({
    code: "custom",
    path: ["AUTH_MODE"],
    message: "must be set in production; none means that every client is believed to be the user_id it names",
  });
}

/** Each worker has a name of its own in the registry. */
function checkWorkerNames(
  { SERVER_ID, GATEWAY_WORKERS }: Pick<GatewayConfig, "SERVER_ID" | "GATEWAY_WORKERS">,
  context: z.RefinementCtx,
): void {
  if (GATEWAY_WORKERS === 1 || workerServerId(SERVER_ID, GATEWAY_WORKERS).length <= SERVER_ID_MAX_LENGTH)
    return;
  context.addIssue({
    code: "custom",
    path: ["SERVER_ID"],
    message: `is too long for GATEWAY_WORKERS: each worker adds a number, and the name may have ${SERVER_ID_MAX_LENGTH} characters`,
  });
}

/** Configuration of the gateway as a service of its own. */
export const gatewayConfig = gatewayVariables
  .superRefine(checkGatewayConfig)
  .superRefine(checkWorkerNames)
  .superRefine(requireBroker);
