import {
  HISTORY_LIMIT_MAX,
  isTopic,
  position,
  SUBSCRIBE_LAST_MAX,
  SUBSCRIBE_TOPICS_MAX,
  UP_TYPES,
  USER_ID_RULE,
  type UpType,
} from "@commcoin/protocol";
import { nearest } from "@commcoin/service/config";
import { z } from "zod";
import { quote } from "./quote.ts";

type Fields = Readonly<Record<string, unknown>>;

const EXAMPLES: Readonly<Record<UpType, string>> = {
  subscribe: '{"type":"subscribe","data":{"topic":"market_data"}}',
  unsubscribe: '{"type":"unsubscribe","data":{"topic":"market_data"}}',
  ping: '{"type":"ping"}',
  auth: '{"type":"auth","data":{"token":"…"}}',
  history: '{"type":"history","data":{"topic":"market_data","limit":100}}',
};

/** What other protocols call them. */
const TYPE_ALIASES: ReadonlyMap<string, UpType> = new Map([
  ...["sub", "join", "listen", "follow", "phxjoin", "psubscribe"].map((name) => [name, "subscribe"] as const),
  ...["unsub", "leave", "phxleave", "unfollow"].map((name) => [name, "unsubscribe"] as const),
  ...["heartbeat", "keepalive"].map((name) => [name, "ping"] as const),
  ...["login", "authenticate", "authorize", "token", "connectioninit"].map((name) => [name, "auth"] as const),
  ...["replay", "messages", "getmessages"].map((name) => [name, "history"] as const),
]);
const TYPE_KEYS = ["action", "event", "op", "method", "cmd", "command", "kind", "request"];
const DATA_KEYS = ["params", "payload", "args", "body", "message", "options"];
const TOPIC_KEYS = ["channel", "channels", "room", "stream", "streams", "name", "subscription", "event"];

/** What each field of `data` must be, by the types of frames that have it. */
const FIELDS: readonly (readonly [
  name: string,
  types: readonly UpType[],
  schema: z.ZodType,
  rule: string,
])[] = [
  [
    "topics",
    ["subscribe"],
    z.array(z.string()).min(1).max(SUBSCRIBE_TOPICS_MAX),
    `is a list of 1 to ${SUBSCRIBE_TOPICS_MAX} topics: ["market_data"]`,
  ],
  ["since", ["subscribe", "history"], position, 'is a position, an object: {"epoch":"x3bq9Zk1","offset":57}'],
  [
    "last",
    ["subscribe"],
    z.int().min(1).max(SUBSCRIBE_LAST_MAX),
    `is a whole number from 1 to ${SUBSCRIBE_LAST_MAX}, without quotes`,
  ],
  [
    "limit",
    ["history"],
    z.int().min(1).max(HISTORY_LIMIT_MAX),
    `is a whole number from 1 to ${HISTORY_LIMIT_MAX}, without quotes`,
  ],
  ["conflate", ["subscribe"], z.boolean(), "is true or false, without quotes"],
  ["token", ["auth"], z.string().min(1).max(16_384), "is a text of 1 to 16384 characters"],
];

const BYTE_ORDER_MARK = "\uFEFF";

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
export const isUpType = (text: string): text is UpType => (UP_TYPES as readonly string[]).includes(text);
const firstOf = (names: readonly string[], fields: Fields): string | undefined =>
  names.find((name) => Object.hasOwn(fields, name));
function meant(type: string): UpType | null {
  const found = nearest(type, UP_TYPES, TYPE_ALIASES);
  return found?.isSlip === true ? found.name : null;
}

const SOCKET_IO =
  "This looks like socket.io, which this server does not speak. Use a plain WebSocket, and write " +
  `${EXAMPLES.subscribe}.`;

/**
 * Why a message is not JSON, and what to write.
 * @param reason what the parser says; it quotes a few characters at most.
 */
export function explainText(text: string, reason: string): string {
  if (text.startsWith(BYTE_ORDER_MARK))
    return "The message begins with a byte order mark (U+FEFF). Leave it out.";
  const word = text.trim();
  if (word === "") return `The message is empty. A frame is a JSON object such as ${EXAMPLES.ping}.`;
  if (/^\d{1,3}(\/[^,]*,)?[[{"]|^[23]probe$/.test(word)) return SOCKET_IO;
  if (word.startsWith("[object ")) return "An object was sent as it is. Send JSON.stringify(frame).";
  const type = meant(word);
  if (type !== null) return `A frame is a JSON object. Write ${EXAMPLES[type]}.`;
  if (/^\{\s*['\w]/.test(word)) {
    return `This is not JSON, which has double quotes around names and texts: ${EXAMPLES.subscribe}. JSON.stringify writes it.`;
  }
  if (reason.includes("after JSON")) {
    return "A message is one frame, and here something comes after it. Send each frame in a message of its own.";
  }
  return `A frame must be a JSON object; this one is not JSON (${reason}). JSON.stringify writes it.`;
}

function isFrameText(text: string): boolean {
  try {
    return isFields(JSON.parse(text));
  } catch {
    return false;
  }
}

/** Why a value is no frame, and what to write. */
export function explainValue(value: unknown): string {
  if (Array.isArray(value)) {
    return `A frame is one JSON object, not a list. Send each frame by itself: ${EXAMPLES.subscribe}.`;
  }
  if (typeof value === "number") return SOCKET_IO;
  if (typeof value !== "string") return `A frame must be a JSON object such as ${EXAMPLES.subscribe}.`;
  if (isFrameText(value)) {
    return "The frame was written as JSON twice: this is a text that holds JSON. Call JSON.stringify once.";
  }
  const type = meant(value);
  return `A frame must be a JSON object, not a text. Write ${EXAMPLES[type ?? "subscribe"]}.`;
}

/** What to write where a frame has no `type`. */
export function explainMissingType(frame: Fields): string {
  const key = firstOf(TYPE_KEYS, frame);
  const given = key === undefined ? undefined : frame[key];
  const type = typeof given === "string" ? meant(given) : null;
  if (key !== undefined) {
    return `"type" says what a frame wants; this one has "${key}". Write ${EXAMPLES[type ?? "subscribe"]}.`;
  }
  return `A frame needs a "type", one of ${UP_TYPES.join(", ")}: ${EXAMPLES.subscribe}.`;
}

/** What to write for a `type` that there is not. */
export function explainType(type: string): string {
  const given = `There is no ${quote(type)}`;
  const word = type.toLowerCase();
  if (word === "pong")
    return `${given}: the library answers the server's pings, and pong is an answer to ping.`;
  if (/^(publish|message|send|broadcast|emit)$/.test(word)) {
    return `${given}: clients cannot publish. There are ${UP_TYPES.join(", ")}.`;
  }
  const near = meant(type);
  return near === null ? `${given}; there are ${UP_TYPES.join(", ")}.` : `${given}; write ${EXAMPLES[near]}.`;
}

/** What is wrong with a topic, and what to write. */
export function explainTopic(topic: string): string {
  const text = `${quote(topic)} is not a topic`;
  if (topic.startsWith("user:")) return `${text}: what comes after user: must be ${USER_ID_RULE}.`;
  const shape = `${text}: name or name:argument`;
  if (topic.includes(",")) return `${shape}. Several go into "topics", a list.`;
  const [name = "", ...rest] = topic.trim().split(":");
  const tidied = [name.toLowerCase(), ...rest].join(":");
  return isTopic(tidied) ? `${shape}. Write ${quote(tidied)}.` : `${shape}.`;
}

/** What is wrong with the topic of a request; null when it has one. */
function explainTopicField(type: UpType, data: Fields): string | null {
  if (type === "ping" || type === "auth") return null;
  const { topic } = data;
  if (Array.isArray(topic)) {
    return type === "subscribe"
      ? '"topic" is one topic; several go into "topics": ["market_data"].'
      : `"topic" is one topic; ask for each by itself: ${EXAMPLES[type]}.`;
  }
  if (typeof topic === "string") return null;
  if (topic !== undefined) return `"topic" is a text: ${EXAMPLES[type]}.`;
  if (Object.hasOwn(data, "topics")) {
    return type === "subscribe" ? null : `One topic each, in "topic": ${EXAMPLES[type]}.`;
  }
  const key = firstOf(TOPIC_KEYS, data);
  const instead = key === undefined ? "is missing" : `names the topic, not "${key}"`;
  return `"topic" ${instead}: ${EXAMPLES[type]}.`;
}

/** What is wrong with the `data` of a frame, and what to write; null when it is as it must be. */
export function explainData(type: UpType, frame: Fields): string | null {
  const { data } = frame;
  const names = ["topic", ...FIELDS.map(([name]) => name)];
  if (data === undefined) {
    if (type === "ping") return null;
    const inside = firstOf(names, frame);
    if (inside !== undefined) return `"${inside}" belongs into "data": ${EXAMPLES[type]}.`;
    const key = firstOf(DATA_KEYS, frame);
    const instead = key === undefined ? "is missing" : `is what a request is about, not "${key}"`;
    return `"data" ${instead}: ${EXAMPLES[type]}.`;
  }
  if (typeof data === "string" && isFrameText(data)) {
    return '"data" is an object, not a text: it was written as JSON on its own. Call JSON.stringify once, for the frame.';
  }
  if (!isFields(data)) return `"data" is an object: ${EXAMPLES[type]}.`;
  const outside = firstOf(names, frame);
  if (outside !== undefined && !Object.hasOwn(data, outside)) {
    return `"${outside}" belongs into "data": ${EXAMPLES[type]}.`;
  }
  const topic = explainTopicField(type, data);
  if (topic !== null) return topic;
  for (const [name, types, schema, rule] of FIELDS) {
    const needed = name === "token" || Object.hasOwn(data, name);
    if (types.includes(type) && needed && !schema.safeParse(data[name]).success) return `"${name}" ${rule}.`;
  }
  return null;
}

/** What would be lost of a subscription to several topics without a word, and what to write; null when it is nothing. */
export function explainSeveral({ data }: Fields): string | null {
  if (!isFields(data) || !Object.hasOwn(data, "topics")) return null;
  const lost = firstOf(["topic", "since", "last", "conflate"], data);
  return lost === undefined
    ? null
    : `"${lost}" cannot stand beside "topics". Subscribe to each by itself: ${EXAMPLES.subscribe}.`;
}
