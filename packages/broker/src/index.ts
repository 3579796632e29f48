export {
  BrokerUnavailableError,
  FencedError,
  type Broker,
  type Delivery,
  type History,
  type HistoryQuery,
  type OutgoingMessage,
  type Published,
  type PublishOptions,
  type Retention,
  type TopicSubscription,
  type Unrecovered,
} from "./broker.ts";
export type { ControlChannel, ControlDelivery, ControlMessage, ControlTarget } from "./control.ts";
export { MAX_FRAME_BYTES } from "./encode-message.ts";
export { InvalidMessageError } from "./invalid-message-error.ts";
export { startHeartbeat, type Heartbeat } from "./heartbeat.ts";
export type { Lease, Leases } from "./leases.ts";
export { createMemoryBroker, type MemoryBrokerOptions } from "./memory/memory-broker.ts";
export { createRedisBroker, type RedisBrokerOptions } from "./redis/redis-broker.ts";
export {
  GONE_AFTER_MS,
  HEARTBEAT_INTERVAL_MS,
  SUSPECT_AFTER_MS,
  type HeartbeatResult,
  type GatewayCounts,
  type RegisteredServer,
  type Registry,
  type ServerRecord,
} from "./registry.ts";
export { createRetentionPolicy, type RetentionPolicy } from "./retention.ts";
export type { StateStore } from "./state-store.ts";
export { withMetrics } from "./with-metrics.ts";
