import { answerQuestions, withMetrics, type Broker } from "@commcoin/broker";
import { BROADCAST_TOPIC, serverTopic, type ConnectionStats } from "@commcoin/protocol";
import { systemClock, type Clock, type Service } from "@commcoin/service/lifecycle";
import {
  createHealth,
  createMetricsRegistry,
  createOperations,
  exposeReadiness,
  type Logger,
} from "@commcoin/service/telemetry";
import { createAdmission } from "./admission/admission.ts";
import { createAnswers } from "./cluster/answers.ts";
import { createCommands, obey } from "./cluster/commands.ts";
import { createClusterMetrics } from "./cluster/metrics.ts";
import { createPresenceHolder } from "./cluster/presence-holder.ts";
import { createSharedCounts } from "./cluster/shared-counts.ts";
import { createUserActivityPublisher } from "./cluster/user-activity.ts";
import { createOriginCheck } from "./admission/allowed-origins.ts";
import { createClientAddress } from "./admission/client-address.ts";
import { placeLimits } from "./admission/default-limits.ts";
import { createConnectionLimits } from "./admission/connection-limits.ts";
import type { GatewayConfig } from "./config.ts";
import { createConnections } from "./connections/connections.ts";
import { drainConnections, reconnectSpreadMs } from "./connections/drain.ts";
import { createCloser } from "./connections/closer.ts";
import { createHeartbeat } from "./connections/heartbeat.ts";
import { createSessions } from "./sessions/sessions.ts";
import { findSlowConsumers, waitingBytes } from "./connections/slow-consumers.ts";
import { createAccountDemand } from "./demand/account-demand.ts";
import { createDemandMetrics } from "./demand/demand-metrics.ts";
import { createHistoryDesk } from "./handlers/history-desk.ts";
import { degradedFrame, restoredFrame } from "./frames/write-frames.ts";
import { createHttpRoutes } from "./http/http-routes.ts";
import { tokenRules } from "./identity/identity-variables.ts";
import { createTokenVerifier } from "./identity/token-verifier.ts";
import { createMemberships } from "./membership/memberships.ts";
import { createGatewayMetrics } from "./metrics/gateway-metrics.ts";
import { createServerRegistration } from "./cluster/server-registration.ts";
import { createPositionCheck } from "./topics/position-check.ts";
import { createHistoryReads } from "./topics/history-reads.ts";
import { createTopicFeeds } from "./topics/topic-feeds.ts";
import { createTopicQuota } from "./topics/topic-quota.ts";
import { Turns } from "./topics/turns.ts";
import { createUwsTransport } from "./transport/uws.ts";
import { createOrOwn } from "./workers/or-own.ts";
import type { PortReports, WorkerReports } from "./workers/reports.ts";
import { randomUUID } from "node:crypto";

/** Idle feeds, positions and slow consumers are looked at this often. */
const SWEEP_INTERVAL_MS = 1_000;
/** The transport's own timeout is the last resort behind the heartbeat; it takes 8 to 960 seconds. */
const IDLE_TIMEOUT_FACTOR = 3;
const IDLE_TIMEOUT_MIN_SECONDS = 8;
/** Topics that are subscribed to at the broker at a time: as many as make no pause that anybody would feel. */
const TOPIC_STARTS = 32;

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

/** Holds client WebSockets and publishes the topics of the broker to them. */
export interface Gateway extends Service {
  /** Where it listens; 0 before it was started. */
  readonly port: number;
  readonly stats: () => ConnectionStats;
  /** What this process alone reports. */
  readonly reports: WorkerReports;
}

/** @throws {StartError} when the native WebSocket server cannot be loaded. */
export function createGateway({
  config,
  broker: given,
  logger,
  clock = systemClock,
  worker,
}: GatewayOptions): Gateway {
  const log = logger.module("websocket");
  const serverId = config.SERVER_ID;
  // Whole numbers: each connection and topic keeps some, and fractions take more memory.
  const now = (): number => Math.trunc(clock.monotonic());
  const stopped = new AbortController();
  const timers: NodeJS.Timeout[] = [];
  const subscriptions: (() => void)[] = [];
  let draining: Promise<void> | null = null;
  /** What clients that are drained were asked to wait at most; 0 before. */
  let drainSpreadMs = 0;
  let stopping: Promise<void> | null = null;
  /** As clients in the broadcast topic were told last, so that those who come later are told the same. */
  let brokerProblem: string | null = null;
  const registry = createMetricsRegistry("gateway", worker === undefined ? {} : { worker: worker.number });
  const broker = withMetrics(given, registry);
  const metrics = createGatewayMetrics(registry, {
    connections: () => connections.size,
    users: () => connections.stats().active_users,
    subscriptions: () => connections.stats().subscriptions,
    topics: () => feeds.size,
    fillingTopics: () => feeds.filling,
    waitingBytes: () => waitingBytes(connections.all()),
  });
  const health = createHealth();
  exposeReadiness(registry, { service: "gateway", health });
  health.check("broker", () => broker.problem() ?? broker.refusal());
  health.check("heartbeat", () => registration.problem());
  health.check("draining", () => (draining === null ? null : "The server is shutting down."));

  const clusterMetrics = createClusterMetrics(registry);
  const holder = createPresenceHolder({
    users: broker.users,
    serverId,
    now,
    log: logger.module("message_broker"),
  });
  const users = createUserActivityPublisher({
    broker,
    holder,
    extraGraceMs: () => drainSpreadMs,
    now,
    onPublished: clusterMetrics.published,
    log: logger.module("message_broker"),
  });
  const connections = createConnections({
    serverId,
    onChange: () => registration.changed(),
    onUser: (userId, isHere) => (isHere ? users.came(userId) : users.left(userId)),
    clock,
  });
  const rules = tokenRules(config);
  const verifier =
    rules === null
      ? null
      : createTokenVerifier({ rules, clock, log: logger.module("auth"), signal: stopped.signal });
  if (verifier !== null) health.check("tokens", () => verifier.problem());
  const registration = createServerRegistration({
    registry: broker.registry,
    serverId,
    startedAt: clock.now(),
    state: () => (draining !== null ? "draining" : health.report().ready ? "ready" : "not_ready"),
    stats: connections.stats,
    totals: metrics.totals,
    port: () => transport.port,
    logger: logger.module("message_broker"),
  });
  const orOwn = createOrOwn(worker?.all ?? null);
  const places = placeLimits(config);
  const limits = {
    extraTopics: new Set(config.WEBSOCKET_EXTRA_TOPICS),
    maxSubscriptions: config.WEBSOCKET_MAX_SUBSCRIPTIONS,
    maxConnections: config.WEBSOCKET_MAX_CONNECTIONS,
    ...places,
    connectsPerSecond: config.WEBSOCKET_CONNECTS_PER_SECOND,
  };
  const counts = createSharedCounts({
    users: broker.users,
    holder,
    isAway: () => broker.problem() !== null,
    now,
    log: logger.module("message_broker"),
    signal: stopped.signal,
  });
  const isUnlimited = places.maxConnectionsPerUser === 0 && places.maxConnectionsPerAddress === 0;
  const clusterLimits = isUnlimited ? null : createConnectionLimits(places, counts);
  const allowsOrigin = createOriginCheck(config.WEBSOCKET_ALLOWED_ORIGINS);
  const transport = createUwsTransport(
    {
      port: config.WEBSOCKET_PORT,
      sharedPort: worker !== undefined,
      maxFrameBytes: config.WEBSOCKET_MAX_FRAME_BYTES,
      maxBackpressureBytes: config.WEBSOCKET_MAX_BACKPRESSURE_BYTES,
      idleTimeoutSeconds: Math.max(
        IDLE_TIMEOUT_MIN_SECONDS,
        config.WEBSOCKET_HEARTBEAT_INTERVAL * IDLE_TIMEOUT_FACTOR,
      ),
    },
    {
      admit: createAdmission({
        limits,
        connections,
        isDraining: () => draining !== null,
        onRefused: metrics.refused,
        now,
        allowsOrigin,
        clientAddress: createClientAddress(config.TRUSTED_PROXIES),
        verifier,
        pending: () => sessions.pending,
      }),
      open: (socket, admission) => sessions.open(socket, admission),
      request: createHttpRoutes({
        operations: createOperations({
          health: {
            report: () =>
              orOwn(
                (all) => all.health(),
                () => health.report(),
              ),
          },
          registry: {
            contentType: registry.contentType,
            metrics: () =>
              orOwn(
                (all) => all.metrics(),
                () => registry.metrics(),
              ),
          },
        }),
        stats: () => orOwn((all) => all.connections(), connections.stats),
        allowsOrigin,
      }),
    },
  );
  const reads = createHistoryReads(broker, config.WEBSOCKET_HISTORY_READS);
  const feeds = createTopicFeeds({
    broker,
    reads,
    starts: new Turns(TOPIC_STARTS),
    fanout: transport,
    observer: metrics,
    log: logger.module("message_broker"),
    now,
    signal: stopped.signal,
  });
  const positions = createPositionCheck({ broker, feeds, log: logger.module("message_broker"), now });
  const accounts = createAccountDemand({
    demand: broker.demand,
    holder: `${serverId}:${randomUUID()}`,
    limit: config.WATCHED_ACCOUNTS_MAX,
    isFollowed: (topic) => feeds.find(topic) !== undefined,
    onRefused: createDemandMetrics(registry, () => accounts.size),
    log: logger.module("message_broker"),
    now,
  });
  const memberships = createMemberships({ feeds, connections, onRecovery: metrics.recovered, accounts, now });
  const closer = createCloser(metrics.closed);
  const heartbeat = createHeartbeat({
    intervalSeconds: config.WEBSOCKET_HEARTBEAT_INTERVAL,
    onStale: (connection) => closer.close(connection, "no_pong"),
  });
  const sessions = createSessions({
    serverId,
    heartbeatIntervalSeconds: config.WEBSOCKET_HEARTBEAT_INTERVAL,
    framesPerSecond: config.WEBSOCKET_FRAMES_PER_SECOND,
    maxFrameBytes: config.WEBSOCKET_MAX_FRAME_BYTES,
    limits: clusterLimits,
    verifier,
    connections,
    heartbeat,
    closer,
    handlers: {
      memberships,
      feeds,
      reads,
      desk: createHistoryDesk(reads, config.WEBSOCKET_HISTORY_REQUESTS),
      maxBackpressureBytes: config.WEBSOCKET_MAX_BACKPRESSURE_BYTES,
      quota: createTopicQuota({
        maxTopics: config.WEBSOCKET_MAX_TOPICS,
        perSecond: config.WEBSOCKET_NEW_TOPICS_PER_SECOND,
        maxSubscriptions: limits.maxSubscriptions,
        topics: feeds,
        now,
      }),
      extraTopics: limits.extraTopics,
      maxSubscriptions: limits.maxSubscriptions,
      maxAccounts: config.WATCHED_ACCOUNTS_MAX,
    },
    metrics,
    log,
    now,
    wallNow: () => clock.now(),
    brokerIsAway: () => brokerProblem !== null,
  });

  const drain = (): Promise<void> => {
    if (draining !== null) return draining;
    const open = [...connections.all()];
    log.info({ connections: open.length, seconds: config.SHUTDOWN_DRAIN_SECONDS }, "draining");
    drainSpreadMs = reconnectSpreadMs(open.length);
    draining = drainConnections({
      connections: open,
      seconds: config.SHUTDOWN_DRAIN_SECONDS,
      close: (connection, reason) => closer.close(connection, "shutdown", reason),
    });
    registration.changed();
    return draining;
  };

  const commands = createCommands({
    connections,
    disconnect: (connection) => closer.close(connection, "disconnected"),
    drain() {
      void drain();
      // New clients go to the other workers, instead of being refused here.
      if (worker !== undefined) transport.close();
    },
  });
  const answer = createAnswers({
    serverId,
    connections,
    feeds,
    commands,
    clock,
    onAsked: clusterMetrics.asked,
  });

  const onBrokerChange = (problem: string | null): void => {
    const wasAway = brokerProblem !== null;
    brokerProblem = problem;
    // What exactly is wrong changes many times while connections are tried.
    if (problem !== null && wasAway) return;
    registration.changed();
    if (problem !== null) {
      log.warn({ problem }, "message broker lost");
      transport.publish(BROADCAST_TOPIC, degradedFrame());
      return;
    }
    log.info("message broker is back");
    transport.publish(BROADCAST_TOPIC, restoredFrame({ reason: "The message broker is back." }));
    holder.renew();
    positions.expireAll();
    void positions.run();
  };

  const sweep = (): void => {
    feeds.sweep();
    accounts.sweep();
    counts.tend();
    verifier?.tend();
    sessions.sweep();
    void positions.run();
    findSlowConsumers(connections.all(), config.WEBSOCKET_MAX_BACKPRESSURE_BYTES, (connection) => {
      metrics.slowConsumer();
      closer.close(connection, "slow_consumer");
    });
  };

  const release = async (): Promise<void> => {
    transport.close();
    stopped.abort();
    for (const timer of timers) clearInterval(timer);
    for (const end of subscriptions) end();
    feeds.close();
    await Promise.all([registration.stop(), users.stop(), accounts.stop()]);
  };

  return {
    get port() {
      return transport.port;
    },
    stats: connections.stats,
    reports: {
      metrics: () => registry.metrics(),
      health: () => Promise.resolve({ listening: transport.port !== 0, report: health.report() }),
      connections: () => Promise.resolve({ stats: connections.stats(), users: connections.users() }),
    },
    async start() {
      if (verifier === null) {
        log.warn("AUTH_MODE=none: every client is believed to be the user_id that it names");
      }
      try {
        // Every connection joins these: they stay for as long as the gateway runs.
        await Promise.all(
          [BROADCAST_TOPIC, serverTopic(serverId)].map((topic) =>
            feeds.enter(topic, { implicit: true }).start(),
          ),
        );
        subscriptions.push(
          await broker.control.listen(serverId, ({ message }) => obey(commands, message)),
          await answerQuestions({ control: broker.control, serverId, answer, logger: log }),
        );
        subscriptions.push(broker.watch(onBrokerChange));
        brokerProblem = broker.problem();
        await verifier?.start();
        await transport.listen();
        registration.start();
        users.start();
        accounts.start();
      } catch (error) {
        await release();
        throw error;
      }
      timers.push(setInterval(sweep, SWEEP_INTERVAL_MS));
      // After the I/O of the same turn: pongs that have arrived count, however late the timer is.
      timers.push(setInterval(() => setImmediate(() => heartbeat.turn()), heartbeat.turnMs));
      log.info({ port: transport.port, server_id: serverId }, `ready on ws://localhost:${transport.port}/ws`);
    },
    stop() {
      stopping ??= drain().then(release);
      return stopping;
    },
  };
}
