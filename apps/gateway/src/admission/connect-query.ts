import {
  isTopic,
  isUserId,
  parseSinceEntry,
  USER_ID_RULE,
  type CloseName,
  type ErrorCode,
  type Position,
  type Topic,
} from "@commcoin/protocol";
import { nearest } from "@commcoin/service/config";
import { explainTopic } from "../frames/explain-frame.ts";
import { quote } from "../frames/quote.ts";

/** As much as the transport reads of a request that does not come in one piece. */
const MAX_LENGTH = 4_096;
/** Each further mistake is only counted: what a query costs to answer stays within its own length. */
const MAX_ERRORS = 10;

const PARAMETERS = ["user_id", "subscriptions", "since", "token"] as const;
type Parameter = (typeof PARAMETERS)[number];

/** What other libraries call them. */
const ALIASES: ReadonlyMap<string, Parameter> = new Map([
  ...["user", "uid", "username", "sub"].map((name) => [name, "user_id"] as const),
  ...["topic", "topics", "channel", "channels", "subscribe"].map((name) => [name, "subscriptions"] as const),
  ...["jwt", "accesstoken", "authtoken", "auth", "authorization"].map((name) => [name, "token"] as const),
  ...["offset", "position", "positions", "lasteventid"].map((name) => [name, "since"] as const),
]);

/** Lists as others write them. */
const OTHER_LISTS = /[a-z][\s;|]+[a-z]|[[\]"]/i;

/** Something to tell a client, in an error frame. */
export interface QueryError {
  readonly code: ErrorCode;
  readonly message: string;
}

/** What a client asks for with the query of `GET /ws`. */
export interface ConnectQuery {
  readonly userId: string | null;
  /** Each topic once, in the order given. */
  readonly subscriptions: readonly Topic[];
  readonly since: ReadonlyMap<Topic, Position>;
  readonly token: string | null;
  /** What is wrong with parts of it that the connection can do without. */
  readonly errors: readonly QueryError[];
}

/** Why a connection is closed as soon as it is open: it is told, which a browser would not be before the upgrade. */
export interface Rejection extends QueryError {
  readonly close: CloseName;
  /** Of the close frame: short, and nothing of what the client wrote. */
  readonly reason: string;
}

const badQuery = (name: string, message: string): Rejection => ({
  code: "bad_query",
  message,
  close: "bad_request",
  reason: `bad request: ${name}`,
});

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return null;
  }
}

const listOf = (text: string): readonly string[] =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");

function readSubscriptions(text: string, max: number, report: (error: QueryError) => void): Set<Topic> {
  const topics = new Set<Topic>();
  for (const part of new Set(listOf(text))) {
    if (!isTopic(part)) {
      const list = OTHER_LISTS.test(part) ? " Several stand there with commas between them." : "";
      report({ code: "bad_topic", message: `subscriptions: ${explainTopic(part)}${list}` });
    } else if (topics.size < max) {
      topics.add(part);
    } else {
      report({
        code: "too_many_subscriptions",
        message: `subscriptions: ${quote(part)} is one too many; a connection may be subscribed to ${max} topics.`,
      });
    }
  }
  return topics;
}

function readSince(text: string, report: (error: QueryError) => void): ReadonlyMap<Topic, Position> {
  const positions = new Map<Topic, Position>();
  for (const part of listOf(text)) {
    const entry = parseSinceEntry(part);
    if (entry !== null && !positions.has(entry.topic)) {
      positions.set(entry.topic, entry.position);
      continue;
    }
    const why =
      entry === null ? "is not a position: topic@epoch:offset" : "names a topic that stands there before";
    report({ code: "bad_query", message: `since: ${quote(part)} ${why}.` });
  }
  return positions;
}

/**
 * @returns the query, or why the connection cannot be. Parameters that are empty count as absent, unknown ones are
 * ignored; one that looks like a slip is complained of.
 */
export function parseConnectQuery(
  text: string,
  { maxSubscriptions }: { readonly maxSubscriptions: number },
): ConnectQuery | Rejection {
  if (text.length > MAX_LENGTH) {
    return badQuery("query too long", `The query has ${text.length} characters; ${MAX_LENGTH} may be.`);
  }
  const found: QueryError[] = [];
  const values = new Map<string, string>();
  for (const pair of text.split("&").filter((part) => part !== "")) {
    const end = pair.indexOf("=");
    const written = end < 0 ? pair : pair.slice(0, end);
    const name = decode(written) ?? written;
    if (!(PARAMETERS as readonly string[]).includes(name)) {
      const meant = nearest(name, PARAMETERS, ALIASES);
      if (meant?.isSlip !== true) continue;
      found.push({
        code: "bad_query",
        message: `There is no parameter ${quote(name)}, it is ignored; ${meant.name} may be meant.`,
      });
      continue;
    }
    if (values.has(name)) return badQuery(name, `${name} may stand in the query once.`);
    const value = decode(end < 0 ? "" : pair.slice(end + 1));
    if (value === null) return badQuery(name, `${name} is not UTF-8 with percent-encoding.`);
    values.set(name, value);
  }
  const user = values.get("user_id") || null;
  if (user !== null && !isUserId(user)) {
    const plus = user.includes(" ") ? " In a URL a + stands for a space: write %2B." : "";
    return badQuery("user_id", `user_id must be ${USER_ID_RULE}.${plus}`);
  }
  const report = (error: QueryError): void => void found.push(error);
  const subscriptions = readSubscriptions(values.get("subscriptions") ?? "", maxSubscriptions, report);
  const since = readSince(values.get("since") ?? "", report);
  const token = values.get("token") || null;
  return { userId: user, subscriptions: [...subscriptions], since, token, errors: found };
}

/** The first few, and how many more there are. */
export function someOf(errors: readonly QueryError[]): readonly QueryError[] {
  if (errors.length <= MAX_ERRORS) return errors;
  const left = errors.length - MAX_ERRORS;
  return [
    ...errors.slice(0, MAX_ERRORS),
    { code: "bad_query", message: `The query has ${left} more mistakes of these kinds.` },
  ];
}
