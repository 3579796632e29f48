import {
  PUBLIC_TOPIC_FAMILIES,
  PUBLIC_TOPICS,
  splitTopic,
  topicAccess,
  type ErrorCode,
  type Topic,
} from "@commcoin/protocol";
import { nearest } from "@commcoin/service/config";
import { isAccountAddress } from "../demand/account-address.ts";
import type { Connection } from "../connections/connection.ts";
import { allowsTopic } from "../identity/identity.ts";
import type { HandlerContext } from "./handler.ts";

export interface AccessDenied {
  readonly code: ErrorCode;
  readonly message: string;
}

const ABOUT_ADDRESSES = new Set<string>(PUBLIC_TOPIC_FAMILIES);

const WHY_FORBIDDEN = {
  private: "is private: the connections of that user are subscribed to it by the server.",
  implicit: "is joined by the server, for its own connections.",
} as const;

/** @returns null when the connection may read the topic: it is in it already, or everybody may. */
export function denyTopic(
  { extraTopics }: Pick<HandlerContext, "extraTopics">,
  connection: Pick<Connection, "memberships" | "credentials">,
  topic: Topic,
): AccessDenied | null {
  if (connection.memberships.has(topic)) return null;
  const denied = denyUnlessPublic(topic, extraTopics);
  if (denied !== null || allowsTopic(connection.credentials?.topics ?? null, topic)) return denied;
  return { code: "forbidden", message: `${topic} is not among the topics that the token allows.` };
}

/** What somebody may have meant who names a topic that there is not. */
function insteadOf(topic: Topic, extraTopics: ReadonlySet<string>): string {
  const names = [...PUBLIC_TOPICS, ...extraTopics];
  const found = nearest(topic, names);
  if (found?.isSlip === true) return `${found.name} may be meant`;
  const families = PUBLIC_TOPIC_FAMILIES.map((name) => `${name}:`);
  return `there are ${names.join(", ")}, and ${families.slice(0, -1).join(", ")} and ${families.at(-1)} with an address`;
}

/** @returns null when everybody may read the topic. */
function denyUnlessPublic(topic: Topic, extraTopics: ReadonlySet<string>): AccessDenied | null {
  const access = topicAccess(topic, extraTopics);
  const { name, argument } = splitTopic(topic);
  if (argument !== null && ABOUT_ADDRESSES.has(name) && !isAccountAddress(argument)) {
    return {
      code: "bad_topic",
      message: `What comes after ${name}: must be an address, 32 bytes in base58; in ${topic} it is not.`,
    };
  }
  if (access === "public") return null;
  return access === "unknown"
    ? { code: "unknown_topic", message: `There is no topic ${topic}; ${insteadOf(topic, extraTopics)}.` }
    : { code: "forbidden", message: `${topic} ${WHY_FORBIDDEN[access]}` };
}

/** For a topic that a join left out, which only happens to accounts that cannot be watched. */
export const notWatched = (
  { maxAccounts }: Pick<HandlerContext, "maxAccounts">,
  topic: Topic,
): AccessDenied => ({
  code: "too_many_subscriptions",
  message:
    `${topic} is not watched: clients have ${maxAccounts} accounts watched already, which is as many as there may be. ` +
    "Try again later.",
});
