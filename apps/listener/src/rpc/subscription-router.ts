import { whenAborted } from "@commcoin/service/lifecycle";
import { isObject, type JsonObject } from "../decode/json-shape.ts";
import { afterReading } from "./after-reading.ts";
import { ConnectionLost } from "./connection-lost.ts";
import { wordsOf } from "./node-words.ts";
import { errorIn } from "./read-answer.ts";
import type { NodeChannel } from "./websocket-channel.ts";

type Channel = Pick<NodeChannel, "on" | "send" | "paused" | "fault" | "hide">;
type Listener = (result: unknown) => void;

interface Request {
  readonly id: string;
  readonly method: string;
}

/** What a node calls a subscription: 64 bits, which a number does not always hold; some providers make it a text. */
export type SubscriptionId = number | bigint | string;

/** Brings the frames of one channel to those who wait for them. */
export interface SubscriptionRouter {
  /**
   * Sends a subscribe request and waits for the id that the node gives to the subscription.
   * @param timeoutMs time in which the channel is paused does not count.
   * @throws the node's error, the channel's error, or a `ConnectionLost` when no acknowledgement comes in time.
   */
  subscribe(
    request: Request,
    unsubscribeMethod: string,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<SubscriptionId>;
  /**
   * Listens to the notifications of a subscription.
   * @returns stops listening; the node is told when it was the last listener.
   */
  listen(subscription: SubscriptionId, unsubscribeMethod: string, listener: Listener): () => void;
}

/** How it went: the message of the node, or that the channel ended. */
type Reply = { readonly message: JsonObject } | { readonly lost: unknown };

const UNSUBSCRIBE_ID = "unsubscribe-";
const MAX_ID_LENGTH = 256;

const isId = (value: unknown): value is SubscriptionId =>
  typeof value === "bigint" ||
  (typeof value === "number" && Number.isInteger(value)) ||
  (typeof value === "string" && value !== "" && value.length <= MAX_ID_LENGTH);

const routers = new WeakMap<Channel, SubscriptionRouter>();

/** The router of a channel: one each, however many subscriptions share the channel. */
export function routerOf(channel: Channel): SubscriptionRouter {
  const existing = routers.get(channel);
  if (existing !== undefined) return existing;
  const router = createRouter(channel);
  routers.set(channel, router);
  return router;
}

function createRouter(channel: Channel): SubscriptionRouter {
  /** In the order in which they were sent. */
  const pending = new Map<string, (reply: Reply) => void>();
  const listeners = new Map<SubscriptionId, Set<Listener>>();
  let requestNumber = 0;

  /**
   * The request that a message answers. One without an id, a text in place of an error for example, is taken for the
   * answer to the oldest: nodes answer in turn.
   */
  const requestOf = (message: JsonObject): string | undefined => {
    const { id } = message;
    if (typeof id === "string" || typeof id === "number") {
      if (!pending.has(String(id)) && !String(id).startsWith(UNSUBSCRIBE_ID)) {
        channel.fault("unasked", wordsOf(message, channel.hide));
      }
      return String(id);
    }
    channel.fault("no_id", wordsOf(message, channel.hide));
    const [oldest] = pending.keys();
    return oldest;
  };

  channel.on("message", (message) => {
    if (!isObject(message)) {
      channel.fault("unexpected", wordsOf(message, channel.hide));
      return;
    }
    const { params } = message;
    if (isObject(params) && isId(params["subscription"])) {
      for (const listener of listeners.get(params["subscription"]) ?? []) listener(params["result"]);
    } else if ("method" in message || !("result" in message || "error" in message)) {
      channel.fault("unexpected", wordsOf(message, channel.hide));
    } else {
      const request = requestOf(message);
      if (request === undefined) return;
      const settle = pending.get(request);
      pending.delete(request);
      settle?.({ message });
    }
  });
  channel.on("error", (lost) => {
    const waiting = [...pending.values()];
    pending.clear();
    for (const settle of waiting) settle({ lost });
  });

  const unsubscribe = (method: string, subscription: SubscriptionId): void => {
    requestNumber += 1;
    const id = typeof subscription === "string" ? JSON.stringify(subscription) : String(subscription);
    // Written by hand: JSON has integers of any size, and `JSON.stringify` writes none beyond 2^53.
    const request = `{"jsonrpc":"2.0","id":"${UNSUBSCRIBE_ID}${requestNumber}","method":"${method}","params":[${id}]}`;
    // A channel that cannot send has no subscriptions any more.
    channel.send(request).catch(() => {});
  };

  return {
    subscribe(request, unsubscribeMethod, timeoutMs, signal) {
      return new Promise((resolve, reject) => {
        let leave = (): void => {};
        const giveUp = (reason: unknown): void => {
          stopTimer();
          leave();
          reject(reason);
        };
        const stopTimer = afterReading(channel, timeoutMs, () => {
          const text = `The node did not acknowledge ${request.method} within ${timeoutMs} ms.`;
          giveUp(new ConnectionLost("no_acknowledgement", text));
        });
        const onAbort = (): void => {
          // An acknowledgement that comes now has nobody who wants its notifications.
          pending.set(request.id, (reply) => {
            if ("message" in reply && isId(reply.message["result"]))
              unsubscribe(unsubscribeMethod, reply.message["result"]);
          });
          giveUp(signal.reason);
        };
        if (signal.aborted) {
          giveUp(signal.reason);
          return;
        }
        leave = whenAborted(signal, onAbort);
        pending.set(request.id, (reply) => {
          if ("lost" in reply) {
            giveUp(reply.lost);
            return;
          }
          const { result } = reply.message;
          const refusal = errorIn(reply.message, channel.hide);
          if (refusal !== null) giveUp(refusal);
          else if (!isId(result)) {
            giveUp(new Error(`The node acknowledged ${request.method} without naming a subscription.`));
          } else {
            stopTimer();
            leave();
            resolve(result);
          }
        });
        channel.send(request).catch((error: unknown) => {
          pending.delete(request.id);
          giveUp(error);
        });
      });
    },

    listen(subscription, unsubscribeMethod, listener) {
      const known = listeners.get(subscription) ?? new Set();
      listeners.set(subscription, known.add(listener));
      return () => {
        if (!known.delete(listener) || known.size > 0) return;
        listeners.delete(subscription);
        unsubscribe(unsubscribeMethod, subscription);
      };
    },
  };
}
