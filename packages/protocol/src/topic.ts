import { z } from "zod";
import { isUserId, USER_ID_TEXT } from "./user-id.ts";

const USER_START = "user:";

/** The argument of `user:` is a user id. */
const TOPIC_PATTERN = new RegExp(
  `^(?:${USER_START}${USER_ID_TEXT}|(?!${USER_START})[a-z0-9_-]{1,64}(?::[A-Za-z0-9._-]{1,128})?)$`,
  "u",
);

const fits = (text: string): boolean =>
  text.startsWith(USER_START) ? isUserId(text.slice(USER_START.length)) : TOPIC_PATTERN.test(text);

const RULE = "must be name or name:argument, as market_data or user:123";

/** `name` or `name:argument`. */
export const topic = z
  .string()
  .regex(TOPIC_PATTERN, { error: RULE, abort: true })
  .refine(fits, RULE)
  .describe("Topic: name or name:argument, such as token_updates or token:<mint>");
export type Topic = z.infer<typeof topic>;

export const isTopic = (text: string): text is Topic => fits(text);

/** Topics that everybody may subscribe to and that take no argument. */
export const PUBLIC_TOPICS = [
  "token_updates",
  "transactions",
  "market_data",
  "notifications",
  "user_activity",
] as const;

/** Names of the topics that everybody may subscribe to and that need an argument. */
export const PUBLIC_TOPIC_FAMILIES = ["token", "account", "program"] as const;

/** Carries messages to every connection of the cluster; every connection joins it by itself. */
export const BROADCAST_TOPIC = "broadcast";

export const tokenTopic = (mint: string): Topic => `token:${mint}`;
export const accountTopic = (address: string): Topic => `account:${address}`;
export const programTopic = (address: string): Topic => `program:${address}`;

/** Private to the connections of one user, which join it by themselves. */
export const userTopic = (userId: string): Topic => USER_START + userId;

/** Carries messages to every connection of one server, which join it by themselves. */
export const serverTopic = (serverId: string): Topic => `server:${serverId}`;

/** Splits a valid topic at its first colon. */
export function splitTopic(text: Topic): { readonly name: string; readonly argument: string | null } {
  const colon = text.indexOf(":");
  return colon < 0
    ? { name: text, argument: null }
    : { name: text.slice(0, colon), argument: text.slice(colon + 1) };
}

const families = new Set<string>(PUBLIC_TOPIC_FAMILIES);

/** Who may subscribe to a topic by asking for it. */
export type TopicAccess = "public" | "private" | "implicit" | "unknown";

/**
 * Tells what a client may do with a topic: `public` ones are free to join, `private` ones belong to one user,
 * `implicit` ones are joined by the server, `unknown` ones do not exist.
 * @param extraTopics topic names that the operator added; each is valid with and without an argument.
 */
export function topicAccess(text: Topic, extraTopics: ReadonlySet<string> = new Set()): TopicAccess {
  const { name, argument } = splitTopic(text);
  if (name === "user" && argument !== null) return "private";
  if (text === BROADCAST_TOPIC || (name === "server" && argument !== null)) return "implicit";
  if (argument === null && (PUBLIC_TOPICS as readonly string[]).includes(name)) return "public";
  if (argument !== null && families.has(name)) return "public";
  return extraTopics.has(name) ? "public" : "unknown";
}
