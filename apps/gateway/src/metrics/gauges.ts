import type { Registry } from "prom-client";
import { createInstruments } from "./instruments.ts";

/** What this gateway holds right now. */
export interface GatewayGauges {
  readonly connections: () => number;
  readonly users: () => number;
  readonly subscriptions: () => number;
  readonly topics: () => number;
  readonly fillingTopics: () => number;
  readonly waitingBytes: () => number;
}

export function exposeGauges(registry: Registry, gauges: GatewayGauges): void {
  const { gauge } = createInstruments(registry);
  gauge("connections", "Open connections", gauges.connections);
  gauge("users", "Distinct users with a connection", gauges.users);
  gauge("subscriptions", "Pairs of a connection and a topic that it asked for", gauges.subscriptions);
  gauge("topics", "Topics with a feed", gauges.topics);
  gauge(
    "filling_topics",
    "Topics that wait for messages to be read from history; subscribers get nothing meanwhile",
    gauges.fillingTopics,
  );
  gauge("waiting_bytes", "Bytes that wait in memory for clients that do not keep up", gauges.waitingBytes);
}
