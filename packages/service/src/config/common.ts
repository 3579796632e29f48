import { randomBytes } from "node:crypto";
import { z } from "zod";
import { LOG_LEVELS, parseRustLog } from "../telemetry/log-levels.ts";
import { boolean, oneOf, optional, text } from "./fields.ts";
import { readRedisAddress, RedisAddressError } from "./redis-address.ts";
import { topicRetention } from "./topic-retention.ts";

export const SERVER_ID_MAX_LENGTH = 64;

/** Same grammar as the argument of a topic: every server has a topic of its own. */
const serverId = z
  .string()
  .regex(/^[A-Za-z0-9._-]+$/, "must be letters, digits, '.', '_' or '-'")
  .max(SERVER_ID_MAX_LENGTH, `must have at most ${SERVER_ID_MAX_LENGTH} characters`);

const redisUrl = z.string().transform((given, context) => {
  const address = given.includes("://") ? given : `redis://${given}`;
  try {
    readRedisAddress(address);
    return address;
  } catch (error) {
    if (!(error instanceof RedisAddressError)) throw error;
    context.addIssue({ code: "custom", message: error.reason });
    return z.NEVER;
  }
});

/** Variables that every service reads. */
export const commonVariables = {
  SERVER_ID: serverId
    .optional()
    .transform((given) => given ?? `server-${randomBytes(4).toString("hex")}`)
    .meta({ description: "Unique name of this server; server- and 8 random hex digits by default" }),
  MESSAGE_BROKER_ENABLED: boolean(true, {
    description: "Whether messages travel through Redis; false only in the standalone service",
  }),
  REDIS_URL: text("localhost:6379", redisUrl, {
    description:
      "Redis; a comma-separated list, or redis+cluster://host:6379, means a cluster, redis+sentinel://host:26379/name a Sentinel group, rediss:// TLS",
  }),
  TOPIC_RETENTION: optional(topicRetention, {
    description:
      "What topics keep beside 1,000 messages for 600 s (transactions: 20,000), by the name before the colon: program=20000,token=5000:3600; the same in all services",
  }),
  LOG_LEVEL: oneOf(LOG_LEVELS, "info", { description: "Least severe level that is logged" }),
  RUST_LOG: optional(
    z.string().transform((given, context) => {
      const parsed = parseRustLog(given);
      if (typeof parsed !== "string") return parsed;
      context.addIssue({ code: "custom", message: parsed });
      return z.NEVER;
    }),
    { description: "Levels by module, such as websocket=debug,transaction_listener=debug" },
  ),
  NODE_ENV: optional(
    z.enum(["development", "production", "test"], "must be development, production or test"),
    {
      description: "production refuses unsafe defaults",
    },
  ),
} as const;

/** For services that cannot work without Redis: refuses `MESSAGE_BROKER_ENABLED=false` with a sentence. */
export const requireBroker = (
  config: { readonly MESSAGE_BROKER_ENABLED: boolean },
  context: z.RefinementCtx,
): void => {
  if (config.MESSAGE_BROKER_ENABLED) return;
  context.addIssue({
    code: "custom",
    path: ["MESSAGE_BROKER_ENABLED"],
    message:
      "false is only possible in the standalone service, where all parts share one process; " +
      "set it to true here and REDIS_URL to a Redis that all services reach",
  });
};
