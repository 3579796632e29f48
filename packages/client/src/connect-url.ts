import type { Position, Topic } from "@commcoin/protocol";
import type { State } from "./state.ts";

/** Proxies commonly accept request lines of 8 KB and more; half of that leaves room for what else the line carries. */
const MAX_URL_LENGTH = 4_000;

const TOPIC = /^[a-z0-9_-]{1,64}(:[A-Za-z0-9._-]{1,128})?$/;
const EPOCH = /^[A-Za-z0-9_-]{1,32}$/;

export const isTopic = (text: string): boolean => TOPIC.test(text);

export const isPosition = ({ epoch, offset }: Position): boolean =>
  EPOCH.test(epoch) && Number.isSafeInteger(offset) && offset >= 0;

/**
 * A gateway refuses a URL that names a topic which does not exist, and a browser does not see why. A topic that was never
 * accepted is named once; the others until this many attempts failed. Frames ask for the rest: their answers can be seen.
 */
const FAILED_OPENS_PER_NAMES = 3;

/** Topics that the server joins by itself and that nobody can ask for in the URL. */
const isJoinedByServer = (topic: Topic): boolean => /^(broadcast$|server:|user:)/.test(topic);

export interface ConnectUrl {
  readonly url: string;
  /** Topics that the URL subscribes to. */
  readonly asked: ReadonlySet<Topic>;
}

/**
 * The URL of a connection: who, which topics, and where each of them stood. Topics that the server joins come first,
 * since their position can be told nowhere else; what does not fit is subscribed to by frames. A topic that starts with
 * its newest few messages is always subscribed to by a frame.
 */
export function connectUrl(
  base: string,
  userId: string | null,
  state: Pick<State, "topics" | "token" | "failedOpens">,
): ConnectUrl {
  const fixed = [
    ...(userId === null ? [] : [`user_id=${encodeURIComponent(userId)}`]),
    ...(state.token === null ? [] : [`token=${encodeURIComponent(state.token)}`]),
  ];
  const { failedOpens } = state;
  const asked = new Set<Topic>();
  const since: string[] = [];
  let length = base.length + fixed.join("&").length + "?&subscriptions=&since=".length;
  const fits = (extra: number): boolean => {
    if (length + extra > MAX_URL_LENGTH) return false;
    length += extra;
    return true;
  };
  const topics = [...state.topics].sort(([, a], [, b]) => Number(b.implicit) - Number(a.implicit));
  for (const [topic, { wanted, accepted, position, last }] of topics) {
    const mayName = accepted ? failedOpens < FAILED_OPENS_PER_NAMES : failedOpens === 0;
    const byName = mayName && wanted && !isJoinedByServer(topic) && (position !== null || last === null);
    const from = position === null ? "" : `${topic}@${position.epoch}:${position.offset}`;
    if (!byName && from === "") continue;
    if (!fits((byName ? topic.length + 1 : 0) + from.length + 1)) continue;
    if (byName) asked.add(topic);
    if (from !== "") since.push(from);
  }
  const query = [
    ...fixed,
    ...(asked.size === 0 ? [] : [`subscriptions=${[...asked].join(",")}`]),
    ...(since.length === 0 ? [] : [`since=${since.join(",")}`]),
  ].join("&");
  if (query === "") return { url: base, asked };
  return { url: `${base}${base.includes("?") ? "&" : "?"}${query}`, asked };
}
