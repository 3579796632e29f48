import { createClient } from "@commcoin/client";
import type { Position } from "@commcoin/protocol";
import { WebSocket } from "ws";
import { DeliveryLog } from "./delivery-log.ts";
import { numberOf } from "./load.ts";

/** The product's client, with a log of everything that it hands out, and a connection that can be spoiled. */
export interface WatchedClient {
  readonly logs: ReadonlyMap<string, DeliveryLog>;
  /** Resolves once it is subscribed to all its topics. */
  readonly ready: Promise<void>;
  /** The longest time without a message so far, in milliseconds. */
  readonly longestGapMs: number;
  readonly counts: { readonly connections: number; readonly gaps: number; readonly duplicates: number };
  /** Close codes that it saw. */
  readonly codes: readonly number[];
  /** What the server refused, in words. */
  readonly errors: readonly string[];
  /** Cuts its connection, as a network does. */
  cut(): void;
  /** Stops reading, as a process that hangs. */
  freeze(): void;
  thaw(): void;
  close(): void;
}

/** @param route tells the port of the gateway that the next connection goes to, as a load balancer would. */
export function openWatchedClient(topics: readonly string[], route: () => number): WatchedClient {
  const current: { socket?: WebSocket } = {};
  class RoutedWebSocket extends WebSocket {
    constructor(url: string) {
      super(url.replace("balancer", `127.0.0.1:${route()}`), { perMessageDeflate: false });
      current.socket = this;
    }
  }
  const client = createClient({ url: "ws://balancer/ws", WebSocket: RoutedWebSocket });
  const logs = new Map<string, DeliveryLog>();
  const codes: number[] = [];
  const errors: string[] = [];
  let lastAt = 0;
  let longestGapMs = 0;

  client.on("lost", ({ topic, from, to }) => logs.get(topic)?.told({ from, to }));
  client.on("state", ({ code }) => {
    if (code !== undefined) codes.push(code);
  });
  client.on("error", ({ code, message }) => errors.push(`${code}: ${message}`));
  const subscriptions = topics.map((topic) =>
    client.subscribe(topic, ({ offset, id }) => {
      logs.get(topic)?.message(offset, numberOf(id));
      const now = performance.now();
      if (lastAt > 0 && now - lastAt > longestGapMs) longestGapMs = now - lastAt;
      lastAt = now;
    }),
  );
  client.connect();
  const begin = async ({ topic, ready }: { readonly topic: string; readonly ready: Promise<Position> }) => {
    logs.set(topic, new DeliveryLog(topic, await ready));
  };
  return {
    logs,
    ready: Promise.all(subscriptions.map(begin)).then(() => {}),
    get longestGapMs() {
      return longestGapMs;
    },
    get counts() {
      return client.counts();
    },
    codes,
    errors,
    cut: () => current.socket?.terminate(),
    freeze: () => current.socket?.pause(),
    thaw: () => current.socket?.resume(),
    close: () => client.close(),
  };
}
