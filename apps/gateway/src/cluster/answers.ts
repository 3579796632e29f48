import {
  closedKey,
  MAX_CONTROL_BYTES,
  type AnswerTo,
  type Question,
  type QuestionType,
} from "@commcoin/broker";
import type { Clock } from "@commcoin/service/lifecycle";
import type { Connection } from "../connections/connection.ts";
import type { Connections } from "../connections/connections.ts";
import type { TopicFeeds } from "../topics/topic-feeds.ts";
import { addressFilter } from "./address-filter.ts";
import type { Commands } from "./commands.ts";
import { describeConnection } from "./describe-connection.ts";
import { messageRate } from "./message-rate.ts";
import { smallest } from "./smallest.ts";

/** What is left of a control message when everything around the entries is taken off. */
const ENTRIES_BYTES = MAX_CONTROL_BYTES - 4_096;

/** Takes as many entries as fit into one answer. */
function fit<Entry>(
  entries: readonly Entry[],
  more: boolean,
): { readonly entries: Entry[]; readonly more: boolean } {
  let bytes = 0;
  const end = entries.findIndex((entry) => {
    bytes += Buffer.byteLength(JSON.stringify(entry)) + 1;
    return bytes > ENTRIES_BYTES;
  });
  return end < 0 ? { entries: [...entries], more } : { entries: entries.slice(0, end), more: true };
}

/** Answers what is asked of this gateway. */
export function createAnswers({
  serverId,
  connections,
  feeds,
  commands,
  clock,
  onAsked,
}: {
  readonly serverId: string;
  readonly connections: Pick<Connections, "get" | "ofUser" | "all" | "closedLately">;
  readonly feeds: Pick<TopicFeeds, "all">;
  readonly commands: Commands;
  readonly clock: Clock;
  readonly onAsked: (type: QuestionType) => void;
}): (question: Question) => AnswerTo<QuestionType> {
  const describe = (connection: Connection) => describeConnection(connection, serverId, clock);

  const list = (question: Extract<Question, { type: "connections" }>) => {
    const { user_id, topic } = question;
    const candidates = user_id === undefined ? connections.all() : connections.ofUser(user_id);
    const fitsAddress = addressFilter(question.address);
    const fits = (connection: Connection): boolean =>
      !connection.closed &&
      fitsAddress(connection.origin.address) &&
      (topic === undefined || connection.memberships.has(topic));
    const { entries, more } = smallest(only(candidates, fits), ({ id }) => id, pageOf(question));
    return fit(entries.map(describe), more);
  };
  const listClosed = (question: Extract<Question, { type: "closed_connections" }>) => {
    const { user_id } = question;
    const fitsAddress = addressFilter(question.address);
    const fitting = connections
      .closedLately()
      .filter((one) => (user_id === undefined || one.user_id === user_id) && fitsAddress(one.address));
    const { entries, more } = smallest(fitting, closedKey, pageOf(question));
    return fit(entries, more);
  };
  const listTopics = (question: Extract<Question, { type: "topics" }>) => {
    const { entries, more } = smallest(feeds.all(), ({ topic }) => topic, pageOf(question));
    return fit(
      entries.map((feed) => ({
        topic: feed.topic,
        subscribers: feed.subscribers,
        messages_per_second: messageRate(
          { offset: feed.offset, frameAt: (offset) => feed.frameAt(offset) },
          clock.now(),
        ),
      })),
      more,
    );
  };

  return (question) => {
    onAsked(question.type);
    switch (question.type) {
      case "connection": {
        const connection = connections.get(question.connection_id);
        return { connection: connection === undefined || connection.closed ? null : describe(connection) };
      }
      case "connections":
        return list(question);
      case "closed_connections":
        return listClosed(question);
      case "topics":
        return listTopics(question);
      case "disconnect_connection":
        return { connections: commands.disconnectConnection(question.connection_id) };
      case "disconnect_user":
        return { connections: commands.disconnectUser(question.user_id) };
      case "drain":
        return { connections: commands.drain() };
    }
  };
}

function pageOf({ after, limit }: { readonly after?: string | undefined; readonly limit: number }) {
  return { after, limit };
}

function* only<Entry>(entries: Iterable<Entry>, fits: (entry: Entry) => boolean): Generator<Entry> {
  for (const entry of entries) if (fits(entry)) yield entry;
}
