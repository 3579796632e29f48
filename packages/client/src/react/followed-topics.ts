import type { Client, EventFrame, MessageOf, MessageType, NoticeOf, Subscription, Topic } from "../index.ts";

/** What components see of a topic; never changed, only replaced. */
export interface TopicSnapshot {
  /** The newest messages, the oldest of them first. */
  readonly messages: readonly EventFrame[];
  readonly latest: { readonly [Type in MessageType]?: MessageOf<Type> };
  /** The server ended the subscription. */
  readonly error: NoticeOf<"error"> | null;
}

export const nothing: TopicSnapshot = { messages: [], latest: {}, error: null };

/** So many messages of a topic are kept, and asked for when it is joined. */
export const KEPT_MESSAGES = 100;
/** A topic is left so long after the last component: the next page often wants it again. */
const LEAVE_AFTER_MS = 2_000;
/** Components hear of changes once per picture on the screen, however many messages come. */
const PICTURE_MS = 16;

interface FollowedTopic {
  snapshot: TopicSnapshot;
  readonly listeners: Set<() => void>;
  leaving: ReturnType<typeof setTimeout> | undefined;
  end(): void;
}

const topicsOfClients = new WeakMap<Client, Map<Topic, FollowedTopic>>();

export const snapshotOf = (client: Client, topic: Topic): TopicSnapshot =>
  topicsOfClients.get(client)?.get(topic)?.snapshot ?? nothing;

/**
 * Joins a topic with the first listener; further ones share what is there.
 * @returns a function that removes the listener; the last one leaves the topic a while later.
 */
export function follow(client: Client, topic: Topic, listener: () => void): () => void {
  const topics = topicsOfClients.get(client) ?? new Map<Topic, FollowedTopic>();
  topicsOfClients.set(client, topics);
  const followed = topics.get(topic) ?? begin(client, topic);
  topics.set(topic, followed);
  clearTimeout(followed.leaving);
  followed.listeners.add(listener);
  return () => {
    if (!followed.listeners.delete(listener) || followed.listeners.size > 0) return;
    followed.leaving = setTimeout(() => {
      topics.delete(topic);
      followed.end();
    }, LEAVE_AFTER_MS);
  };
}

function begin(client: Client, topic: Topic): FollowedTopic {
  let { messages, latest, error } = nothing;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function show(): void {
    timer = undefined;
    messages = messages.slice(-KEPT_MESSAGES);
    followed.snapshot = { messages, latest, error };
    for (const listener of followed.listeners) listener();
  }
  const change = (): void => {
    timer ??= setTimeout(show, PICTURE_MS);
  };
  const stopListening = client.on("error", (notice) => {
    if (notice.topic !== topic) return;
    error = notice;
    change();
  });
  const take = (message: EventFrame): void => {
    // Whoever looks has a copy of its own; between two pictures no more is copied than what is kept.
    messages = [...messages.slice(1 - KEPT_MESSAGES), message];
    latest = { ...latest, [message.type]: message };
    change();
  };
  const subscription: Subscription = client.subscribe(topic, take, { last: KEPT_MESSAGES });
  const followed: FollowedTopic = {
    snapshot: nothing,
    listeners: new Set(),
    leaving: undefined,
    end() {
      clearTimeout(timer);
      stopListening();
      subscription.unsubscribe();
    },
  };
  return followed;
}
