import { z } from "zod";
import { position } from "./position.ts";
import { topic } from "./topic.ts";

/** Chosen by the client; the reply to a request carries the same one. */
export const requestId = z.union([z.string().max(64), z.number()]);
export type RequestId = z.infer<typeof requestId>;

export const SUBSCRIBE_LAST_MAX = 100;
export const SUBSCRIBE_TOPICS_MAX = 128;
export const HISTORY_LIMIT_MAX = 300;

const request = <Type extends string, Data extends z.ZodType>(type: Type, data: Data) =>
  z.object({ type: z.literal(type), id: requestId.optional(), data });

/** Joins one topic, from a position on if one is given; or several topics at once, from now on. */
export const subscribe = request(
  "subscribe",
  z.union([
    z.object({
      topic,
      since: position.optional().describe("Replay everything after this position first"),
      conflate: z
        .boolean()
        .optional()
        .describe(
          "market_data only. While this client does not keep up, it gets the newest value of each token instead of all: " +
            "offsets still grow, but jump, and a jump is then no loss. It is not closed as a slow consumer for that topic. " +
            "Absent leaves it as it is, false at first; a position may be resumed from as always.",
        ),
      last: z.int().min(1).max(SUBSCRIBE_LAST_MAX).optional().describe("Replay the newest n first"),
    }),
    z.object({ topics: z.array(topic).min(1).max(SUBSCRIBE_TOPICS_MAX) }),
  ]),
);

export const unsubscribe = request("unsubscribe", z.object({ topic }));

export const ping = request("ping", z.object({}).optional());

export const auth = request("auth", z.object({ token: z.string().min(1).max(16_384) }));

/** Asks for past messages of a topic without joining it. */
export const history = request(
  "history",
  z.object({
    topic,
    since: position.optional(),
    limit: z.int().min(1).max(HISTORY_LIMIT_MAX).default(HISTORY_LIMIT_MAX),
  }),
);

/** What a client may send. */
export const upFrame = z.discriminatedUnion("type", [subscribe, unsubscribe, ping, auth, history]);
export type UpFrame = z.infer<typeof upFrame>;
export type UpType = UpFrame["type"];

export const UP_TYPES: readonly UpType[] = ["subscribe", "unsubscribe", "ping", "auth", "history"];
