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

/** What one subscription does with what the client tells. */
interface Entry {
  readonly take: (message: EventFrame) => void;
  readonly accept: (position: Position) => void;
  /** The client was closed: a loop ends, with an error unless the application wished it; a handler waits. */
  readonly pause: (error: SubscriptionError, byApplication: boolean) => void;
  readonly end: (error?: unknown) => void;
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

/**
 * The application's side of subscriptions: any number of handlers and loops per topic.
 * @param positionOf where a topic is: at the message that is being handed out.
 */
export function createSubscriptions(positionOf: (topic: Topic) => Position | undefined): Subscriptions {
  const byTopic = new Map<Topic, Set<Entry>>();
  const entriesOf = (topic: Topic): ReadonlySet<Entry> => byTopic.get(topic) ?? new Set();

  return {
    add({ topic, handler, buffer, signal }, onLast) {
      const entries = byTopic.get(topic) ?? new Set();
      let queue: MessageQueue<EventFrame> | undefined;
      /** Of the newest message in the queue. */
      let position: Position | undefined;
      let accept!: (position: Position) => void;
      let refuse!: (error: unknown) => void;
      let forget = (): void => undefined;
      const ready = new Promise<Position>((resolve, reject) => {
        accept = resolve;
        refuse = reject;
      });
      // Whoever does not look at `ready` gets the `error` event; that is not an unhandled rejection.
      ready.catch(() => undefined);
      const end = (error?: unknown): void => {
        forget();
        refuse(error ?? new SubscriptionError(topic, "closed", "unsubscribed"));
        // The messages before the end of a subscription are as good as any; who aborts wants no more.
        queue?.end(error, error instanceof SubscriptionError);
        if (!entries.delete(entry) || entries.size > 0 || byTopic.get(topic) !== entries) return;
        byTopic.delete(topic);
        onLast();
      };
      const entry: Entry = {
        take(message) {
          const listener = typeof handler === "function" ? handler : handler?.[message.type];
          if (listener) callSafely(listener as (message: EventFrame) => void, message);
          if (queue?.push(message) === false) {
            end(new SubscriptionError(topic, "overflow", "the loop is too slow", position));
          }
          position = positionOf(topic);
        },
        accept,
        pause(error, byApplication) {
          refuse(error);
          // A loop has no second beginning; handlers wait for the next `connect`.
          if (queue) end(byApplication ? undefined : error);
        },
        end,
      };
      const loop = (): MessageQueue<EventFrame> => (queue ??= createMessageQueue(buffer, end));
      if (!handler) loop();
      byTopic.set(topic, entries.add(entry));
      forget = onAbort(signal, () => end(signal?.reason));
      return {
        topic,
        ready,
        unsubscribe: () => end(),
        [Symbol.asyncIterator]() {
          const messages = loop();
          // What waits is still handed out, and an earlier end counts.
          if (!entries.has(entry)) messages.end(undefined, true);
          return messages.loop;
        },
      };
    },
    notify(notice) {
      if (notice.type === "message") {
        const { message } = notice;
        const entries = entriesOf(message.topic);
        // Those of now: a handler may add some, and end others.
        const now = [...entries];
        for (const entry of now) if (entries.has(entry)) entry.take(message);
      } else if (notice.type === "subscribed") {
        for (const { accept } of entriesOf(notice.topic)) accept(notice.position);
      } else if (notice.type === "error" && notice.topic) {
        const { topic, code, message } = notice;
        const ended = entriesOf(topic);
        // The client knows that it has left the topic.
        byTopic.delete(topic);
        for (const { end } of ended) end(new SubscriptionError(topic, code, message));
      } else if (notice.type === "state" && notice.state === "closed") {
        const { reason, code } = notice;
        for (const [topic, entries] of byTopic) {
          const error = new SubscriptionError(topic, "closed", `${reason}`);
          for (const { pause } of entries) pause(error, !code && reason === "closed");
        }
      }
    },
  };
}
