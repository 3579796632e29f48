import type { Position, Topic } from "./protocol.ts";
import type { State } from "./state.ts";

/**
 * The gateway's WebSocket library reads at most 4,096 bytes of URL and headers, and drops a longer request without an
 * answer. Half of that is left to what browsers add, cookies above all.
 */
export const MAX_URL_LENGTH = 2_000;

/** What the URL says of the user leaves room for topics: a longer token comes with the first frame. */
const MAX_IDENTITY_LENGTH = 1_000;

/** The longest topic: `user:` and 256 bytes. */
const MAX_TOPIC_BYTES = 261;

/**
 * The id of a user has neither white space nor what cannot be seen, nor what would end it in a path or a list, and is not
 * what a template makes of a variable without a value.
 */
export const isTopic = (text: string): boolean =>
  /^(user:(?!(\.\.?|undefined|null|NaN|None)$)[^\p{Cc}\p{Cf}\p{Cs}\p{Z}\p{DI}\u2800\uFFFC/,]+|(?!user:)[a-z0-9_-]{1,64}(:[\w.-]{1,128})?)$/u.test(
    text,
  ) && encodeURIComponent(text).replace(/%../g, "_").length <= MAX_TOPIC_BYTES;

export const isPosition = ({ epoch, offset }: Position): boolean =>
  /^[\w-]{1,32}:\d{1,15}$/.test(`${epoch}:${offset}`);

/** Topics that the server joins by itself and that nobody can ask for in the URL. */
const JOINED_BY_SERVER = /^(broadcast$|server:|user:)/;

export interface ConnectUrl {
  readonly url: string;
  /** Topics that the URL subscribes to. */
  readonly asked: ReadonlySet<Topic>;
}

/** Whether the token is too long for the URL: an `auth` frame brings it. */
export const isTokenForFrame = (base: string, userId: string, token: string): boolean =>
  (base + encodeURIComponent(userId + token)).length > MAX_IDENTITY_LENGTH;

/**
 * The URL of a connection: who, which topics, and where each of them stood. Topics that the server joins come first;
 * what does not fit is subscribed to by frames, as is a topic that starts with its newest few messages or is conflated.
 *
 * A URL that is too long together with the headers is dropped without an answer. So an attempt after one that did not
 * open names no topics and no positions: frames do.
 */
export function connectUrl(
  base: string,
  userId: string,
  { topics, token, opened }: Pick<State, "topics" | "token" | "opened">,
): ConnectUrl {
  const asked = new Set<Topic>();
  const since: string[] = [];
  const parameter = (name: string, value: string): string => value && `&${name}=${value}`;
  const inUrl = token && !isTokenForFrame(base, userId, token) ? token : "";
  const fixed =
    parameter("user_id", encodeURIComponent(userId)) + parameter("token", encodeURIComponent(inUrl));
  let length = `${base}${fixed}&subscriptions=&since=`.length;
  const implicitFirst = [...topics].sort(([, a], [, b]) => Number(b.implicit) - Number(a.implicit));
  for (const [topic, { wanted, implicit, position, last, conflate }] of implicitFirst) {
    const byServer = implicit || JOINED_BY_SERVER.test(topic);
    if (!opened || (!byServer && (!wanted || last !== undefined || conflate))) continue;
    const name = topic.replace(/[^\w:.@-]/gu, encodeURIComponent);
    const at = position ? `${name}@${position.epoch}:${position.offset}` : "";
    length += name.length + at.length + 2;
    if (length > MAX_URL_LENGTH) break;
    if (at) since.push(at);
    if (!byServer) asked.add(topic);
  }
  const query = fixed + parameter("subscriptions", [...asked].join()) + parameter("since", since.join());
  return { url: base + (base.includes("?") ? query : query.replace("&", "?")), asked };
}
