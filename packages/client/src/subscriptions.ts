import type { EventFrame, MessageType, Position, Topic } from "./protocol.ts";
import type { Notice } from "./events.ts";
import { callSafely } from "./listeners.ts";

export type MessageOf<Type extends MessageType> = Extract<EventFrame, { readonly type: Type }>;

/** Takes the messages of a topic: all of them, or by type. */
export type MessageHandler =
  | ((message: EventFrame) => void)
  | { readonly [Type in MessageType]?: (message: MessageOf<Type>) => void };

export interface Subscription {
  readonly topic: Topic;
  /**
   * Resolves with the position after which messages follow. Rejects with a `SubscriptionError` when the server refuses,
   * or when the client is closed before it answered.
   */
  readonly ready: Promise<Position>;
  /** Nothing is handed out from then on. The topic is left when its last subscription goes. */
  unsubscribe(): void;
}

/** A subscription did not come about, or ended. `code` is the server's error code, or `closed`. */
export class SubscriptionError extends Error {
  declare readonly topic: Topic;
  declare readonly code: string;

  constructor(topic: Topic, code: string, message: string) {
    super(`${topic} (${code}): ${message}`);
    this.name = "SubscriptionError";
    this.topic = topic;
    this.code = code;
  }
}

interface Entry {
  readonly handler: MessageHandler;
  readonly resolve: (position: Position) => void;
  readonly reject: (error: SubscriptionError) => void;
}

export interface Subscriptions {
  add(topic: Topic, handler: MessageHandler, onLast: () => void): Subscription;
  /** Hands messages out; settles what is `ready`. */
  notify(notice: Notice): void;
}

function handOut(handler: MessageHandler, message: EventFrame): void {
  const listener = typeof handler === "function" ? handler : handler[message.type];
  if (listener !== undefined) callSafely(listener as (message: EventFrame) => void, message);
}

/** The application's side of subscriptions: any number of handlers per topic. */
export function createSubscriptions(): Subscriptions {
  const byTopic = new Map<Topic, Set<Entry>>();
  const entriesOf = (topic: Topic): readonly Entry[] => [...(byTopic.get(topic) ?? [])];

  return {
    add(topic, handler, onLast) {
      const entries = byTopic.get(topic) ?? new Set();
      let end: () => void = () => undefined;
      const ready = new Promise<Position>((resolve, reject) => {
        const entry = { handler, resolve, reject };
        byTopic.set(topic, entries.add(entry));
        end = () => {
          if (!entries.delete(entry)) return;
          reject(new SubscriptionError(topic, "closed", "unsubscribed"));
          if (entries.size > 0 || byTopic.get(topic) !== entries) return;
          byTopic.delete(topic);
          onLast();
        };
      });
      // Whoever does not look at `ready` gets the `error` event; that is not an unhandled rejection.
      ready.catch(() => undefined);
      return { topic, ready, unsubscribe: end };
    },
    notify(notice) {
      if (notice.type === "message") {
        const { message } = notice;
        for (const entry of entriesOf(message.topic)) {
          if (byTopic.get(message.topic)?.has(entry) === true) handOut(entry.handler, message);
        }
      } else if (notice.type === "subscribed") {
        for (const { resolve } of entriesOf(notice.topic)) resolve(notice.position);
      } else if (notice.type === "error" && notice.topic !== undefined) {
        const { topic, code, message } = notice;
        for (const { reject } of entriesOf(topic)) reject(new SubscriptionError(topic, code, message));
        byTopic.delete(topic);
      } else if (notice.type === "state" && notice.state === "closed") {
        for (const [topic, entries] of byTopic) {
          for (const { reject } of entries)
            reject(new SubscriptionError(topic, "closed", String(notice.reason)));
        }
      }
    },
  };
}
