import {
  createClient,
  SubscriptionError,
  type MessageHandler,
  type NoticeOf,
  type SubscribeOptions,
} from "@commcoin/client";
import { signal } from "@preact/signals";
import { sessionValue } from "../session-value.ts";
import { gatewayUrl } from "./gateway-url.ts";

const meta = (name: string): string =>
  document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? "";

/** Where the live data of this page comes from. */
export const GATEWAY_URL = gatewayUrl(meta("gateway-url"), meta("gateway-port"), location);

/** A client's token, for gateways that verify them. */
export const gatewayToken = sessionValue("commcoin-gateway-token");

const client = createClient({
  url: GATEWAY_URL,
  ...(gatewayToken.value !== "" && { getToken: async () => gatewayToken.value }),
});

/** How the connection to the gateway is. */
export const liveState = signal<Omit<NoticeOf<"state">, "type">>({ state: client.state });
/** Why the gateway cannot reach its broker; null when it can. */
export const degraded = signal<string | null>(null);

client.on("state", ({ type: _type, ...state }) => {
  liveState.value = state;
  if (state.state !== "connected") degraded.value = null;
});
client.on("degraded", ({ reason }) => (degraded.value = reason));
client.on("restored", () => (degraded.value = null));

/** Connects, and again after the gateway said to stay away. */
export const connectLive = (): void => client.connect();

interface FollowOptions extends SubscribeOptions {
  /** Messages between two positions will not come. */
  readonly onLost?: (reason: string) => void;
  /** The gateway does not give the topic to this page. */
  readonly onRefused?: (message: string) => void;
}

/**
 * Follows a topic for as long as the page shows it.
 * @returns what ends it.
 */
export function follow(topic: string, handler: MessageHandler, options: FollowOptions = {}): () => void {
  const { onLost, onRefused, ...subscribe } = options;
  const subscription = client.subscribe(topic, handler, subscribe);
  const forget = client.on("lost", (notice) => {
    if (notice.topic === topic) onLost?.(notice.reason);
  });
  subscription.ready.catch((error: unknown) => {
    if (error instanceof SubscriptionError && error.code !== "closed") onRefused?.(error.message);
  });
  return () => {
    forget();
    subscription.unsubscribe();
  };
}
