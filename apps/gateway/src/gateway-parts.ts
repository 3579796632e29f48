import { withMetrics, withTrace, type Broker } from "@commcoin/broker";
import { systemClock, type Clock } from "@commcoin/service/lifecycle";
import {
  createHealth,
  createMetricsRegistry,
  exposeReadiness,
  type Logger,
} from "@commcoin/service/telemetry";
import { randomUUID } from "node:crypto";
import { admissionRules } from "./admission/admission-rules.ts";
import { createConnectionLimits } from "./admission/connection-limits.ts";
import { createBrokerState } from "./cluster/broker-state.ts";
import { createClusterUsers } from "./cluster/cluster-users.ts";
import { createClusterMetrics } from "./cluster/metrics.ts";
import { createServerRegistration } from "./cluster/server-registration.ts";
import type { GatewayConfig } from "./config.ts";
import { createCloser } from "./connections/closer.ts";
import { createConnections } from "./connections/connections.ts";
import { createDraining } from "./connections/draining.ts";
import { createHeartbeat } from "./connections/heartbeat.ts";
import { createAccountDemand } from "./demand/account-demand.ts";
import { countRefusedAccounts } from "./demand/demand-metrics.ts";
import { createHistoryQueue } from "./handlers/history-queue.ts";
import { tokenRules } from "./identity/identity-variables.ts";
import { createTokenVerifier } from "./identity/token-verifier.ts";
import { createMemberships } from "./membership/memberships.ts";
import { createGatewayMetrics } from "./metrics/gateway-metrics.ts";
import { createSessions } from "./sessions/sessions.ts";
import { createTopics } from "./topics/topics.ts";
import { traceDeliveries } from "./topics/trace-deliveries.ts";
import { createUwsTransport } from "./transport/uws.ts";
import type { PortReports } from "./workers/reports.ts";

/** The transport's own timeout is the last resort behind the heartbeat; it takes 8 to 960 seconds. */
const IDLE_TIMEOUT_FACTOR = 3;
const IDLE_TIMEOUT_MIN_SECONDS = 8;

export interface GatewayOptions {
  readonly config: GatewayConfig;
  /** Started, and closed again, by whoever made it. */
  readonly broker: Broker;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** For one of several processes that listen on the same port. */
  readonly worker?: {
    /** Tells its series from those of the others. */
    readonly number: number;
    /** What all of them together report. */
    readonly all: PortReports;
  };
}

/** What the parts of a gateway have in common. */
function createBase({ config, broker, logger, clock = systemClock, worker }: GatewayOptions) {
  const registry = createMetricsRegistry("gateway", worker === undefined ? {} : { worker: worker.number });
  const stopped = new AbortController();
  return {
    config,
    serverId: config.SERVER_ID,
    clock,
    // Whole numbers: each connection and topic keeps some, and fractions take more memory.
    now: (): number => Math.trunc(clock.monotonic()),
    registry,
    broker: withTrace(withMetrics(broker, registry), logger.module("message_broker")),
    metrics: createGatewayMetrics(registry),
    clusterMetrics: createClusterMetrics(registry),
    log: logger.module("websocket"),
    brokerLog: logger.module("message_broker"),
    authLog: logger.module("auth"),
    stopped,
    signal: stopped.signal,
  };
}
type Base = ReturnType<typeof createBase>;

const createTransport = ({ config }: Base, sharedPort: boolean) =>
  createUwsTransport({
    port: config.WEBSOCKET_PORT,
    sharedPort,
    maxFrameBytes: config.WEBSOCKET_MAX_FRAME_BYTES,
    maxBackpressureBytes: config.WEBSOCKET_MAX_BACKPRESSURE_BYTES,
    idleTimeoutSeconds: Math.max(
      IDLE_TIMEOUT_MIN_SECONDS,
      config.WEBSOCKET_HEARTBEAT_INTERVAL * IDLE_TIMEOUT_FACTOR,
    ),
  });

/** The connections of this server, and what follows for the cluster when they come and go. */
function createConnectionParts({ config, serverId, broker, clusterMetrics, metrics, ...base }: Base) {
  const { clock, now, log, brokerLog, signal } = base;
  const onPublished = clusterMetrics.published;
  const users = createClusterUsers({ broker, serverId, onPublished, now, log: brokerLog, signal });
  const registration = createServerRegistration({
    registry: broker.registry,
    serverId,
    startedAt: clock.now(),
    logger: brokerLog,
  });
  const connections = createConnections({
    serverId,
    onChange: registration.changed,
    onUser: (userId, isHere) => (isHere ? users.activity.came(userId) : users.activity.left(userId)),
    clock,
  });
  const closer = createCloser(metrics.closed);
  const heartbeat = createHeartbeat({
    intervalSeconds: config.WEBSOCKET_HEARTBEAT_INTERVAL,
    onStale: (connection) => closer.close(connection, "no_pong"),
  });
  const draining = createDraining({
    connections,
    closer,
    seconds: config.SHUTDOWN_DRAIN_SECONDS,
    onStart(spreadMs) {
      users.activity.extendGrace(spreadMs);
      registration.changed();
    },
    log,
  });
  return { users, registration, connections, closer, heartbeat, draining };
}

/** null where the user that a client names is believed. */
function createVerifier({ config, clock, authLog, signal }: Base) {
  const rules = tokenRules(config);
  return rules === null ? null : createTokenVerifier({ rules, clock, log: authLog, signal });
}

/** The parts of a gateway, each made from those before it. */
export function createGatewayParts(options: GatewayOptions) {
  const base = createBase(options);
  const { config, serverId, clock, now, registry, broker, metrics, log, brokerLog, signal } = base;
  const health = createHealth();
  exposeReadiness(registry, { service: "gateway", health });
  const transport = createTransport(base, options.worker !== undefined);
  const ofConnections = createConnectionParts(base);
  const { users, connections, closer, heartbeat } = ofConnections;
  const verifier = createVerifier(base);
  const brokerState = createBrokerState(broker);

  const topics = createTopics({
    broker,
    config,
    fanout: transport,
    observer: traceDeliveries(metrics, log),
    now,
    log: brokerLog,
    signal,
  });
  const { feeds, reads, quota } = topics;
  const accounts = createAccountDemand({
    demand: broker.demand,
    holder: `${serverId}:${randomUUID()}`,
    limit: config.WATCHED_ACCOUNTS_MAX,
    isFollowed: (topic) => feeds.find(topic) !== undefined,
    onRefused: countRefusedAccounts(registry),
    log: brokerLog,
    now,
  });
  const rules = admissionRules(config);
  const sessions = createSessions({
    serverId,
    heartbeatIntervalSeconds: config.WEBSOCKET_HEARTBEAT_INTERVAL,
    framesPerSecond: config.WEBSOCKET_FRAMES_PER_SECOND,
    maxFrameBytes: config.WEBSOCKET_MAX_FRAME_BYTES,
    limits: createConnectionLimits(rules.limits, users.counts),
    verifier,
    connections,
    heartbeat,
    closer,
    handlers: {
      memberships: createMemberships({ feeds, connections, onRecovery: metrics.recovered, accounts, now }),
      feeds,
      reads,
      historyQueue: createHistoryQueue(reads, config.WEBSOCKET_HISTORY_REQUESTS),
      quota,
      maxBackpressureBytes: config.WEBSOCKET_MAX_BACKPRESSURE_BYTES,
      extraTopics: new Set(config.WEBSOCKET_EXTRA_TOPICS),
      maxSubscriptions: config.WEBSOCKET_MAX_SUBSCRIPTIONS,
      maxAccounts: config.WATCHED_ACCOUNTS_MAX,
    },
    metrics,
    log,
    now,
    wallNow: () => clock.now(),
    brokerIsAway: () => brokerState.isAway,
  });
  return {
    ...base,
    ...ofConnections,
    health,
    transport,
    verifier,
    brokerState,
    topics,
    accounts,
    rules,
    sessions,
  };
}

export type GatewayParts = ReturnType<typeof createGatewayParts>;
