import { topicAccess, type ErrorCode, type Topic } from "@commcoin/protocol";
import type { Connection } from "../connections/connection.ts";
import type { HandlerContext } from "./handler.ts";

export interface AccessDenied {
  readonly code: ErrorCode;
  readonly message: string;
}

/** @returns null when the connection may read the topic: it is in it already, or everybody may. */
export function denyTopic(
  { extraTopics }: Pick<HandlerContext, "extraTopics">,
  connection: Pick<Connection, "memberships">,
  topic: Topic,
): AccessDenied | null {
  if (connection.memberships.has(topic)) return null;
  return denyUnlessPublic(topic, extraTopics);
}

/** @returns null when everybody may read the topic. */
export function denyUnlessPublic(topic: Topic, extraTopics: ReadonlySet<string>): AccessDenied | null {
  switch (topicAccess(topic, extraTopics)) {
    case "public":
      return null;
    case "private":
      return {
        code: "forbidden",
        message: `${topic} is private: the connections of that user are subscribed to it by the server.`,
      };
    case "implicit":
      return { code: "forbidden", message: `${topic} is joined by the server, for its own connections.` };
    case "unknown":
      return { code: "unknown_topic", message: `There is no topic ${topic}.` };
  }
}
