import { getSolanaErrorFromJsonRpcError } from "@solana/kit";
import { afterReading } from "./after-reading.ts";
import { ConnectionLost } from "./connection-lost.ts";
import type { NodeChannel } from "./websocket-channel.ts";

type Channel = Pick<NodeChannel, "on" | "send" | "paused">;
type Listener = (result: unknown) => void;

interface Request {
  readonly id: string;
  readonly method: string;
}

/** Brings the frames of one channel to those who wait for them. */
export interface SubscriptionRouter {
  /**
   * Sends a subscribe request and waits for the number that the node gives to the subscription.
   * @param timeoutMs time in which the channel is paused does not count.
   * @throws the node's error, the channel's error, or a `ConnectionLost` when no acknowledgement comes in time.
   */
  subscribe(
    request: Request,
    unsubscribeMethod: string,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<number>;
  /**
   * Listens to the notifications of a subscription.
   * @returns stops listening; the node is told when it was the last listener.
   */
  listen(subscription: number, unsubscribeMethod: string, listener: Listener): () => void;
}

interface Reply {
  readonly id: string;
  readonly result?: unknown;
  readonly error?: Parameters<typeof getSolanaErrorFromJsonRpcError>[0];
}

interface Notification {
  readonly params: { readonly subscription: number; readonly result: unknown };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;
const isReply = (message: unknown): message is Reply =>
  isObject(message) &&
  typeof message["id"] === "string" &&
  ("result" in message || isObject(message["error"]));
const isNotification = (message: unknown): message is Notification =>
  isObject(message) && isObject(message["params"]) && typeof message["params"]["subscription"] === "number";

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
  const pending = new Map<string, (reply: Reply | { readonly lost: unknown }) => void>();
  const listeners = new Map<number, Set<Listener>>();
  let requestNumber = 0;

  channel.on("message", (message) => {
    if (isNotification(message)) {
      const { subscription, result } = message.params;
      for (const listener of listeners.get(subscription) ?? []) listener(result);
    } else if (isReply(message)) {
      const settle = pending.get(message.id);
      pending.delete(message.id);
      settle?.(message);
    }
  });
  channel.on("error", (lost) => {
    const waiting = [...pending.values()];
    pending.clear();
    for (const settle of waiting) settle({ lost });
  });

  const unsubscribe = (method: string, subscription: number): void => {
    requestNumber += 1;
    const request = { jsonrpc: "2.0", id: `unsubscribe-${requestNumber}`, method, params: [subscription] };
    // A channel that cannot send has no subscriptions any more.
    channel.send(request).catch(() => {});
  };

  return {
    subscribe(request, unsubscribeMethod, timeoutMs, signal) {
      return new Promise((resolve, reject) => {
        const giveUp = (reason: unknown): void => {
          stopTimer();
          signal.removeEventListener("abort", onAbort);
          reject(reason);
        };
        const stopTimer = afterReading(channel, timeoutMs, () => {
          const text = `The node did not acknowledge ${request.method} within ${timeoutMs} ms.`;
          giveUp(new ConnectionLost("no_acknowledgement", text));
        });
        const onAbort = (): void => {
          // An acknowledgement that comes now has nobody who wants its notifications.
          pending.set(request.id, (reply) => {
            if ("result" in reply && typeof reply.result === "number")
              unsubscribe(unsubscribeMethod, reply.result);
          });
          giveUp(signal.reason);
        };
        if (signal.aborted) {
          giveUp(signal.reason);
          return;
        }
        signal.addEventListener("abort", onAbort);
        pending.set(request.id, (reply) => {
          if ("lost" in reply) giveUp(reply.lost);
          else if (reply.error !== undefined) giveUp(getSolanaErrorFromJsonRpcError(reply.error));
          else if (typeof reply.result !== "number") {
            giveUp(
              new ConnectionLost("bad_frame", `The node acknowledged ${request.method} without a number.`),
            );
          } else {
            stopTimer();
            signal.removeEventListener("abort", onAbort);
            resolve(reply.result);
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
