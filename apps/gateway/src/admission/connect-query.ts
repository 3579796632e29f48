import { isTopic, parseSince, topicAccess, userId, type Position, type Topic } from "@commcoin/protocol";
import { denyUnlessPublic } from "../handlers/topic-access.ts";

/** What a client asks for with the query of `GET /ws`. */
export interface ConnectQuery {
  readonly userId: string | null;
  /** Each topic once, in the order given. */
  readonly subscriptions: readonly Topic[];
  readonly since: ReadonlyMap<Topic, Position>;
  readonly token: string | null;
}

export interface ConnectQueryLimits {
  readonly extraTopics: ReadonlySet<string>;
  readonly maxSubscriptions: number;
}

/** @returns the query, or a sentence that says what is wrong with it. Parameters that are empty count as absent. */
export function parseConnectQuery(
  text: string,
  { extraTopics, maxSubscriptions }: ConnectQueryLimits,
): ConnectQuery | string {
  const parameters = new URLSearchParams(text);
  for (const name of ["user_id", "subscriptions", "since", "token"]) {
    if (parameters.getAll(name).length > 1) return `${name} may stand in the query once.`;
  }
  const user = parameters.get("user_id") || null;
  if (user !== null && !userId.safeParse(user).success) {
    return "user_id must be 1 to 128 letters, digits, '.', '_' or '-'.";
  }
  const token = parameters.get("token") || null;
  const subscriptions = new Set<Topic>();
  for (const topic of (parameters.get("subscriptions") ?? "").split(",").map((part) => part.trim())) {
    if (topic === "") continue;
    if (!isTopic(topic)) return "subscriptions must be topics, name or name:argument, separated by commas.";
    // Whose topic it is can only be told when the token, which says who this is, was verified.
    const mayBeOwn = user === null && token !== null && topicAccess(topic) === "private";
    const own = mayBeOwn || (user !== null && topic === `user:${user}`);
    const denied = own ? null : denyUnlessPublic(topic, extraTopics);
    if (denied !== null) return denied.message;
    subscriptions.add(topic);
  }
  if (subscriptions.size > maxSubscriptions)
    return `A connection may be subscribed to ${maxSubscriptions} topics.`;
  const since = parseSince(parameters.get("since") ?? "");
  if (since === null)
    return "since must be positions, topic@epoch:offset, separated by commas, each topic once.";
  return { userId: user, subscriptions: [...subscriptions], since, token };
}
