import { whenAborted } from "@commcoin/service/lifecycle";
import {
  createRpcMessage,
  createRpcSubscriptionsApi,
  createRpcSubscriptionsTransportFromChannelCreator,
  createSubscriptionRpc,
  type RpcSubscriptions,
} from "@solana/kit";
import { routerOf } from "./subscription-router.ts";
import type { NodeChannel } from "./websocket-channel.ts";

/**
 * The subscriptions that the listener uses, with notifications as the node sends them: plain JSON that has yet to be
 * checked. Kit's own API walks every notification and turns its integers into `bigint`, which costs more than parsing.
 */
// oxlint-disable-next-line typescript/consistent-type-definitions -- kit asks for an index signature
export type NodeSubscriptionsApi = {
  logsNotifications(
    filter: { readonly mentions: readonly [string] },
    config: { readonly commitment: "processed" | "confirmed" | "finalized" },
  ): unknown;
  slotNotifications(): unknown;
};

export type NodeSubscriptions = RpcSubscriptions<NodeSubscriptionsApi>;

const ACKNOWLEDGEMENT_TIMEOUT_MS = 10_000;

/**
 * Kit's subscriptions over one open channel, which all of them share. Nothing is retried or cached: the caller sees
 * every failure, gives each attempt its own signal, and aborts it when done.
 */
export function createSubscriptions(
  channel: NodeChannel,
  acknowledgementTimeoutMs = ACKNOWLEDGEMENT_TIMEOUT_MS,
): NodeSubscriptions {
  const api = createRpcSubscriptionsApi<NodeSubscriptionsApi>({
    async planExecutor({ request, signal }) {
      const subscribeMethod = request.methodName.replace(/Notifications$/, "Subscribe");
      const unsubscribeMethod = request.methodName.replace(/Notifications$/, "Unsubscribe");
      const message = createRpcMessage({ methodName: subscribeMethod, params: request.params });
      const router = routerOf(channel);
      const subscription = await router.subscribe(
        message,
        unsubscribeMethod,
        acknowledgementTimeoutMs,
        signal,
      );
      return {
        on(name, subscriber, options) {
          const listener = subscriber as (event: unknown) => void;
          if (name === "error") return channel.on("error", listener, options);
          const stop = router.listen(subscription, unsubscribeMethod, listener);
          const leave = whenAborted(options?.signal, stop);
          return () => {
            leave();
            stop();
          };
        },
      };
    },
  });
  return createSubscriptionRpc({
    api,
    transport: createRpcSubscriptionsTransportFromChannelCreator(() => Promise.resolve(channel)),
  });
}
