import type { Position, Topic } from "@commcoin/protocol";
import type { State } from "./state.ts";

/** Proxies commonly accept request lines of 8 KB and more; half of that leaves room for what else the line carries. */
export const MAX_URL_LENGTH = 4_000;

/**
 * A gateway refuses a URL that names a topic which does not exist, and a browser does not see why. A topic that was never
 * accepted is named once; the others until this many attempts failed. Frames ask for the rest: their answers can be seen.
 */
const FAILED_OPENS_PER_NAMES = 3;

export const isTopic = (text: string): boolean => /^[a-z0-9_-]{1,64}(:[A-Za-z0-9._-]{1,128})?$/.test(text);

export const isPosition = ({ epoch, offset }: Position): boolean =>
  /^[A-Za-z0-9_-]{1,32}:\d{1,15}$/.test(`${epoch}:${offset}`);

/** Topics that the server joins by itself and that nobody can ask for in the URL. */
const JOINED_BY_SERVER = /^(broadcast$|server:|user:)/;

export interface ConnectUrl {
  readonly url: string;
  /** Topics that the URL subscribes to. */
  readonly asked: ReadonlySet<Topic>;
}

/**
 * The URL of a connection: who, which topics, and where each of them stood. Topics that the server joins come first,
 * since nothing else tells it their position; what does not fit is subscribed to by frames. A topic that starts with its
 * newest few messages is always subscribed to by a frame.
 */
export function connectUrl(
  base: string,
  userId: string,
  { topics, token, failedOpens }: Pick<State, "topics" | "token" | "failedOpens">,
): ConnectUrl {
  const asked = new Set<Topic>();
  const since: string[] = [];
  const parameter = (name: string, value: string): string => (value === "" ? "" : `&${name}=${value}`);
  const fixed =
    parameter("user_id", encodeURIComponent(userId)) + parameter("token", encodeURIComponent(token ?? ""));
  let length = `${base}${fixed}&subscriptions=&since=`.length;
  const implicitFirst = [...topics].sort(([, a], [, b]) => Number(b.implicit) - Number(a.implicit));
  for (const [topic, { wanted, accepted, position, last }] of implicitFirst) {
    const at = position === null ? "" : `${topic}@${position.epoch}:${position.offset}`;
    length += topic.length + at.length + 2;
    if (length > MAX_URL_LENGTH) break;
    const mayName = failedOpens < (accepted ? FAILED_OPENS_PER_NAMES : 1);
    if (at !== "") since.push(at);
    if (wanted && mayName && last === null && !JOINED_BY_SERVER.test(topic)) asked.add(topic);
  }
  const query = fixed + parameter("subscriptions", [...asked].join()) + parameter("since", since.join());
  return { url: base + (base.includes("?") ? query : query.replace("&", "?")), asked };
}
