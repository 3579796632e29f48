import { useCallback, useMemo, useSyncExternalStore } from "react";
import type { MessageIn, NoticeOf, Topic } from "../index.ts";
import { useClient } from "./client-provider.ts";
import { follow, KEPT_MESSAGES, nothing, snapshotOf, type TopicSnapshot } from "./followed-topics.ts";

const ignore = (): void => undefined;
const onServer = (): TopicSnapshot => nothing;

/** A topic for as long as the component is there; nothing for null. */
export function useTopicSnapshot(topic: Topic | null): TopicSnapshot {
  const client = useClient();
  const subscribe = useCallback(
    (listener: () => void) => (client === null || topic === null ? ignore : follow(client, topic, listener)),
    [client, topic],
  );
  const snapshot = (): TopicSnapshot =>
    client === null || topic === null ? nothing : snapshotOf(client, topic);
  return useSyncExternalStore(subscribe, snapshot, onServer);
}

export interface TopicOptions {
  /** So many messages, the newest, at most 100. By default 100. */
  readonly limit?: number;
}

export interface TopicMessages<Name extends Topic> {
  /** The oldest first; those of before as well, as far as the server has them. */
  readonly messages: readonly MessageIn<Name>[];
  /** The newest message. */
  readonly latest: MessageIn<Name> | null;
  /** Why the server does not give the topic. */
  readonly error: NoticeOf<"error"> | null;
}

/**
 * The newest messages of a topic. Components share one subscription per topic, which ends two seconds after the last of
 * them has gone.
 * @param topic null for none.
 */
export function useTopic<const Name extends Topic>(
  topic: Name | null,
  { limit = KEPT_MESSAGES }: TopicOptions = {},
): TopicMessages<Name> {
  const { messages, error } = useTopicSnapshot(topic);
  return useMemo(() => {
    const newest = messages.slice(Math.max(0, messages.length - limit)) as MessageIn<Name>[];
    return { messages: newest, latest: newest.at(-1) ?? null, error };
  }, [messages, error, limit]);
}
