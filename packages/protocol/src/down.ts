import { z } from "zod";
import { ERROR_CODES } from "./error-codes.ts";
import { eventFrame } from "./event-frame.ts";
import { epoch, offset } from "./position.ts";
import { userId } from "./user-id.ts";
import { topic } from "./topic.ts";
import { requestId } from "./up.ts";
import { PROTOCOL_VERSION } from "./version.ts";

/** Why missed messages could not be replayed. */
export const UNRECOVERED_REASONS = ["epoch_changed", "trimmed", "limit"] as const;

const reply = <Type extends string, Data extends z.ZodType>(type: Type, data: Data) =>
  z.object({ type: z.literal(type), id: requestId.optional(), data });

const notice = <Type extends string, Data extends z.ZodType>(type: Type, data: Data) =>
  z.object({ type: z.literal(type), data });

/**
 * A topic that the connection belongs to, and where it stands in it. With `recovered: true`, everything after the
 * position that the client gave follows, in order, before anything newer; with false, nothing is replayed.
 */
export const subscriptionState = z.object({
  topic,
  epoch,
  offset: offset.describe("Position of the topic when the connection joined"),
  recovered: z.boolean().optional(),
  replayed: z.int().nonnegative().optional().describe("Number of past messages that follow"),
  reason: z.enum(UNRECOVERED_REASONS).optional(),
});
export type SubscriptionState = z.infer<typeof subscriptionState>;

/** The first frame of every connection. */
export const connected = notice(
  "connected",
  z.object({
    connection_id: z.string(),
    server_id: z.string(),
    user_id: userId.nullable(),
    heartbeat_interval: z.int().positive().describe("Seconds between the server's pings"),
    subscriptions: z.array(subscriptionState),
    protocol: z.literal(PROTOCOL_VERSION),
  }),
);

export const subscribed = reply(
  "subscribed",
  subscriptionState.required({ recovered: true, replayed: true }),
);

export const unsubscribed = reply("unsubscribed", z.object({ topic }));

export const pong = reply("pong", z.object({}));

export const authenticated = reply(
  "authenticated",
  z.object({
    user_id: userId,
    expires_at: z.int().nullable().describe("When the token expires, Unix seconds; null when it does not"),
  }),
);

export const historyReply = reply(
  "history",
  z.object({
    topic,
    epoch,
    offset: offset.describe("Newest offset of the topic"),
    recovered: z.boolean().describe("False when messages after the given position are gone"),
    reason: z.enum(UNRECOVERED_REASONS).optional(),
    messages: z.array(eventFrame),
  }),
);

export const errorFrame = reply("error", z.object({ code: z.enum(ERROR_CODES), message: z.string() }));

/** The topic's position was lost on the server side: what came before it cannot be replayed. */
export const reset = notice("reset", z.object({ topic, epoch, offset, reason: z.string() }));

/** The gateway cannot reach the broker for now. Nothing is lost yet: positions tell when it is back. */
export const degraded = notice("degraded", z.object({ reason: z.string() }));
export const restored = notice("restored", z.object({ reason: z.string() }));

/** What a server may send beside events. */
export const serverFrame = z.discriminatedUnion("type", [
  connected,
  subscribed,
  unsubscribed,
  pong,
  authenticated,
  historyReply,
  errorFrame,
  reset,
  degraded,
  restored,
]);
export type ServerFrame = z.infer<typeof serverFrame>;

/** What a client may receive. */
export const downFrame = z.union([serverFrame, eventFrame]);
export type DownFrame = z.infer<typeof downFrame>;
