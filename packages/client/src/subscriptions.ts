import { onAbort } from "./abort.ts";
import type { Notice } from "./events.ts";
import { callSafely } from "./listeners.ts";
import { createMessageQueue, type MessageQueue } from "./message-queue.ts";
import type { EventFrame, MessageType, Position, Topic } from "./protocol.ts";
import { SubscriptionError } from "./subscription-error.ts";
import type { MessageIn, MessageOf } from "./topic-messages.ts";

/** Takes the messages of a topic: all of them, or by type. */
export type MessageHandler<Name extends Topic = Topic> =
  | ((message: MessageIn<Name>) => void)
  | { readonly [Type in MessageType]?: (message: MessageOf<Type>) => void };

/**
 * To be looped over with `for await`: every message once and in order. Without a handler messages wait for the loop from
 * the beginning, with one from the first look on; at most `buffer` of them.
 *
 * The loop ends when the subscription is ended here: by `unsubscribe` or by `close` of the client. It throws a
 * `SubscriptionError` when the server ended it, and when too many messages waited (`overflow`), after those that did; the
 * reason of the signal when that was aborted. To leave the loop unsubscribes.
 */
export interface Subscription<Message = EventFrame> extends AsyncIterable<Message> {
  readonly topic: Topic;
  /**
   * Resolves with the position after which messages follow. Rejects with a `SubscriptionError` when the server refuses,
   * or when the client is closed before it answered.
   */
  readonly ready: Promise<Position>;
  /** Nothing is handed out from then on. The topic is left when its last subscription goes. */
  unsubscribe(): void;
}

interface Entry {
  readonly handler: MessageHandler | null;
  readonly resolve: (position: Position) => void;
  readonly reject: (error: unknown) => void;
  queue: MessageQueue<EventFrame> | null;
  /** Of the newest message in the queue. */
  queuedUntil: Position | undefined;
  end(error?: unknown): void;
}

export interface NewSubscription {
  readonly topic: Topic;
  readonly handler: MessageHandler | null;
  /** So many messages may wait for a loop. */
  readonly buffer: number;
  readonly signal: AbortSignal | undefined;
}

export interface Subscriptions {
  /** @param onLast its last subscription to the topic has ended. */
  add(subscription: NewSubscription, onLast: () => void): Subscription;
  /** Hands messages out; settles what is `ready`. */
  notify(notice: Notice): void;
}

function handOut(handler: MessageHandler | null, message: EventFrame): void {
  const listener = typeof handler === "function" ? handler : handler?.[message.type];
  if (listener !== undefined) callSafely(listener as (message: EventFrame) => void, message);
}

/**
 * The application's side of subscriptions: any number of handlers and loops per topic.
 * @param positionOf where a topic is: at the message that is being handed out.
 */
export function createSubscriptions(positionOf: (topic: Topic) => Position | undefined): Subscriptions {
  const byTopic = new Map<Topic, Set<Entry>>();
  const entriesOf = (topic: Topic): readonly Entry[] => [...(byTopic.get(topic) ?? [])];

  function enqueue(entry: Entry, message: EventFrame): void {
    if (entry.queue === null) return;
    if (entry.queue.push(message)) {
      entry.queuedUntil = positionOf(message.topic);
      return;
    }
    const text = "the loop does not keep up, what follows is left out";
    entry.end(new SubscriptionError(message.topic, "overflow", text, entry.queuedUntil));
  }

  return {
    add({ topic, handler, buffer, signal }, onLast) {
      const entries = byTopic.get(topic) ?? new Set();
      let entry!: Entry;
      let forget = (): void => undefined;
      const end = (error?: unknown): void => {
        forget();
        entry.reject(error ?? new SubscriptionError(topic, "closed", "unsubscribed"));
        // The messages before the end of a subscription are as good as any; who aborts wants no more.
        entry.queue?.end(error, error instanceof SubscriptionError);
        if (!entries.delete(entry) || entries.size > 0 || byTopic.get(topic) !== entries) return;
        byTopic.delete(topic);
        onLast();
      };
      const ready = new Promise<Position>((resolve, reject) => {
        entry = { handler, resolve, reject, end, queue: null, queuedUntil: undefined };
      });
      // Whoever does not look at `ready` gets the `error` event; that is not an unhandled rejection.
      ready.catch(() => undefined);
      const queue = (): MessageQueue<EventFrame> => (entry.queue ??= createMessageQueue(buffer, end));
      if (handler === null) queue();
      byTopic.set(topic, entries.add(entry));
      forget = onAbort(signal, () => end(signal?.reason));
      return {
        topic,
        ready,
        unsubscribe: () => end(),
        [Symbol.asyncIterator]() {
          const isTooLate = entry.queue === null && !entries.has(entry);
          const messages = queue();
          if (isTooLate) messages.end();
          return messages.loop;
        },
      };
    },
    notify(notice) {
      if (notice.type === "message") {
        const { message } = notice;
        for (const entry of entriesOf(message.topic)) {
          if (byTopic.get(message.topic)?.has(entry) !== true) continue;
          handOut(entry.handler, message);
          enqueue(entry, message);
        }
      } else if (notice.type === "subscribed") {
        for (const { resolve } of entriesOf(notice.topic)) resolve(notice.position);
      } else if (notice.type === "error" && notice.topic !== undefined) {
        const { topic, code, message } = notice;
        const ended = entriesOf(topic);
        // The client knows that it has left the topic.
        byTopic.delete(topic);
        for (const entry of ended) entry.end(new SubscriptionError(topic, code, message));
      } else if (notice.type === "state" && notice.state === "closed") {
        const { reason, code } = notice;
        const byApplication = code === undefined && reason === "closed";
        for (const topic of byTopic.keys()) {
          for (const entry of entriesOf(topic)) {
            const error = new SubscriptionError(topic, "closed", String(reason));
            entry.reject(error);
            // A loop has no second beginning; handlers wait for the next `connect`.
            if (entry.queue !== null) entry.end(byApplication ? undefined : error);
          }
        }
      }
    },
  };
}
