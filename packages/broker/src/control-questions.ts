import { z } from "zod";
import { closedConnection } from "./closed-connection.ts";

/** Longest part of a list of topics that is told of one connection; `topic_count` says how many there are. */
export const MAX_TOPICS_TOLD = 128;
/** The most connections or topics in one answer, or on one page. */
export const MAX_PAGE = 500;

/** The longest topic has 261: `user:` and an id. */
const text = z.string().max(300);
const count = z.int().nonnegative();

/** What a gateway knows of one connection. */
export const connectionInfo = z.object({
  id: text,
  server_id: text.describe("The gateway that holds it"),
  user_id: text.nullable(),
  address: text,
  user_agent: text.describe("The first 200 characters"),
  since: z.int().describe("When it was opened, Unix milliseconds"),
  last_seen: z.int().describe("When the gateway last heard of it, pongs included, Unix milliseconds"),
  topics: z.array(text).max(MAX_TOPICS_TOLD).describe("The first 128 topics that it is in"),
  topic_count: count.describe("Topics that it is in, those joined by the server included"),
  sent: count.describe(
    "Frames: replies and replayed messages, and the live messages of the topics that it is in now. Live messages of topics that it left, or from before a topic's position was reset, are not counted",
  ),
  received: count.describe("Frames that it sent to the gateway, refused ones included"),
  buffered: count.describe("Bytes that wait to be sent to it"),
});
export type ConnectionInfo = Readonly<z.infer<typeof connectionInfo>>;

/** What a gateway knows of one topic. */
export const topicInfo = z.object({
  topic: text,
  subscribers: count,
  messages_per_second: z.number().nonnegative(),
});
export type TopicInfo = Readonly<z.infer<typeof topicInfo>>;

/** An address, or the beginning of one that ends where a part of it does. */
const addressPattern = text;

const page = { after: text.optional(), limit: z.int().min(1).max(MAX_PAGE) };

/** What can be asked of gateways. Commands are questions as well: the answer says what came of them. */
export const question = z.discriminatedUnion("type", [
  z.object({ type: z.literal("connection"), connection_id: text }),
  /** In the order of ids, those after `after`. */
  z.object({
    type: z.literal("connections"),
    user_id: text.optional(),
    address: addressPattern.optional(),
    topic: text.optional(),
    ...page,
  }),
  /** In the order of `closedKey`, those after `after`. */
  z.object({
    type: z.literal("closed_connections"),
    user_id: text.optional(),
    address: addressPattern.optional(),
    ...page,
  }),
  /** In the order of names, those after `after`. */
  z.object({ type: z.literal("topics"), ...page }),
  z.object({ type: z.literal("disconnect_connection"), connection_id: text }),
  z.object({ type: z.literal("disconnect_user"), user_id: text }),
  z.object({ type: z.literal("drain") }),
]);
export type Question = Readonly<z.infer<typeof question>>;
export type QuestionType = Question["type"];
export type QuestionOf<Type extends QuestionType> = Extract<Question, { readonly type: Type }>;

const acted = z.object({ connections: count.describe("Connections that were closed, or will be") });

/** What is answered, by type of question. `more`: the page was full, there may be further entries. */
export const answers = {
  connection: z.object({ connection: connectionInfo.nullable() }),
  connections: z.object({ entries: z.array(connectionInfo).max(MAX_PAGE), more: z.boolean() }),
  closed_connections: z.object({ entries: z.array(closedConnection).max(MAX_PAGE), more: z.boolean() }),
  topics: z.object({ entries: z.array(topicInfo).max(MAX_PAGE), more: z.boolean() }),
  disconnect_connection: acted,
  disconnect_user: acted,
  drain: acted,
} as const;
export type AnswerTo<Type extends QuestionType> = Readonly<z.infer<(typeof answers)[Type]>>;
