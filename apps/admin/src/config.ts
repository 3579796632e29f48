import {
  commonVariables,
  integer,
  optional,
  optionalBoolean,
  port,
  requireBroker,
} from "@commcoin/service/config";
import { z } from "zod";

/** Long enough that guessing is hopeless: 16 random characters are about 95 bits. */
const TOKEN_MIN_LENGTH = 16;
const TOKEN_MAX_LENGTH = 512;

/** Only what can stand in an Authorization header. */
const adminToken = z
  .string()
  .regex(/^[\x21-\x7e]*$/, "must consist of printable ASCII characters without spaces")
  .min(TOKEN_MIN_LENGTH, `must have at least ${TOKEN_MIN_LENGTH} characters; try: openssl rand -hex 32`)
  .max(TOKEN_MAX_LENGTH, `must have at most ${TOKEN_MAX_LENGTH} characters`);

/** One that browsers open: no fragment, and no user name, which they refuse. */
const gatewayUrl = z
  .string()
  .max(2_048)
  .refine((text) => {
    const url = URL.canParse(text) ? new URL(text) : null;
    return url !== null && /^wss?:$/.test(url.protocol) && url.username + url.password + url.hash === "";
  }, "must be a ws:// or wss:// URL without user name and fragment, such as wss://ws.example.com/ws");

/** Environment variables of the admin service. */
export const adminVariables = z.object({
  ...commonVariables,
  ADMIN_PORT: port(8081, { description: "Port of the admin service; 0 lets the system choose" }),
  ADMIN_HOST: optional(z.string().max(253), {
    description: "Address that the admin service listens on; all addresses by default",
  }),
  ADMIN_TOKEN: optional(adminToken, {
    description:
      "Bearer token for writes, and for reads from other machines; both are refused until it is set. " +
      `At least ${TOKEN_MIN_LENGTH} characters`,
  }),
  ADMIN_READS_NEED_TOKEN: optionalBoolean({
    description:
      "Whether reads on the server's own machine need ADMIN_TOKEN as well; by default in production",
  }),
  WEBSOCKET_PORT: port(8080, { description: "Port of the WebSocket endpoint, its health and its metrics" }),
  DASHBOARD_GATEWAY_URL: optional(gatewayUrl, {
    description:
      "WebSocket URL of a gateway, or of the load balancer before them, as browsers of operators reach it: wss://ws.example.com/ws; " +
      "by default the host that the dashboard was opened at, with WEBSOCKET_PORT",
  }),
  ADMIN_BROADCASTS_PER_SECOND: integer(100, {
    description:
      "Messages per second that one admin service takes to be published, and as many at once; more are answered with 429; 0 means any number",
  }),
});
export type AdminConfig = z.infer<typeof adminVariables>;

/** Whether every read needs the token. */
export const readsNeedToken = ({
  ADMIN_READS_NEED_TOKEN,
  NODE_ENV,
}: Pick<AdminConfig, "ADMIN_READS_NEED_TOKEN" | "NODE_ENV">): boolean =>
  ADMIN_READS_NEED_TOKEN ?? NODE_ENV === "production";

/** For a process of its own, which meets the other services in Redis only. */
export const adminConfig = adminVariables.superRefine(requireBroker);
