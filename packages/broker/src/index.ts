export {
  BrokerUnavailableError,
  FencedError,
  type Broker,
  type Delivery,
  type DeliveryProof,
  type History,
  type HistoryQuery,
  type OutgoingMessage,
  type Published,
  type PublishOptions,
  type Retention,
  type TopicSubscription,
  type Unrecovered,
} from "./broker.ts";
export {
  closedConnection,
  closedKey,
  MAX_CLOSED_REMEMBERED,
  type ClosedConnection,
} from "./closed-connection.ts";
export {
  MAX_CONTROL_BYTES,
  type ControlChannel,
  type ControlDelivery,
  type ControlMessage,
  type ControlTarget,
} from "./control.ts";
export {
  connectionInfo,
  MAX_PAGE,
  MAX_TOPICS_TOLD,
  topicInfo,
  type AnswerTo,
  type ConnectionInfo,
  type Question,
  type QuestionOf,
  type QuestionType,
  type TopicInfo,
} from "./control-questions.ts";
export { answerQuestions, createSurveyor, type Survey, type Surveyor } from "./control-survey.ts";
export { DEMAND_TTL_MS, type Demand, type DemandChange } from "./demand.ts";
export { MAX_FRAME_BYTES } from "./encode-message.ts";
export { InvalidMessageError } from "./invalid-message-error.ts";
export { startHeartbeat, type Heartbeat } from "./heartbeat.ts";
export type { Lease, Leases } from "./leases.ts";
export {
  listenerStatus,
  type ListenerStatus,
  type SourceStatus,
  type StreamState,
  type StreamStatus,
} from "./listener-status.ts";
export { createMemoryBroker, type MemoryBrokerOptions } from "./memory/memory-broker.ts";
export { createRedisBroker, type RedisBrokerOptions } from "./redis/redis-broker.ts";
export {
  GONE_AFTER_MS,
  HEARTBEAT_INTERVAL_MS,
  processDescription,
  SUSPECT_AFTER_MS,
  type HeartbeatResult,
  type GatewayCounts,
  type RegisteredServer,
  type Registry,
  type ServerRecord,
} from "./registry.ts";
export { createRetentionPolicy, type RetentionPolicy } from "./retention.ts";
export {
  HOLDER_TTL_MS,
  type Claim,
  type ClaimAnswer,
  type PresenceEvent,
  type UserPresence,
} from "./user-presence.ts";
export { sleepOrBack } from "./sleep-or-back.ts";
export { serviceOf } from "./service-of.ts";
export type { StateStore } from "./state-store.ts";
export { withMetrics } from "./with-metrics.ts";
export { withTrace } from "./with-trace.ts";
