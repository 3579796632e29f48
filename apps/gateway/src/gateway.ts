import { BROADCAST_TOPIC, serverTopic, type ConnectionStats } from "@commcoin/protocol";
import type { Service } from "@commcoin/service/lifecycle";
import { createAdmission } from "./admission/admission.ts";
import { startControl } from "./cluster/control.ts";
import { findSlowConsumers, waitingBytes } from "./connections/slow-consumers.ts";
import { exposeWatchedAccounts } from "./demand/demand-metrics.ts";
import { degradedFrame, restoredFrame } from "./frames/write-frames.ts";
import { createGatewayParts, type GatewayOptions, type GatewayParts } from "./gateway-parts.ts";
import { createHttpRoutes } from "./http/http-routes.ts";
import { exposeGauges } from "./metrics/gauges.ts";
import type { TransportHandlers } from "./transport/socket.ts";
import { createPortAnswers } from "./workers/port-answers.ts";
import type { PortReports, WorkerReports } from "./workers/reports.ts";

/** Idle feeds, positions and slow consumers are looked at this often. */
const SWEEP_INTERVAL_MS = 1_000;

/** Holds client WebSockets and publishes the topics of the broker to them. */
export interface Gateway extends Service {
  /** Where it listens; 0 before it was started. */
  readonly port: number;
  readonly stats: () => ConnectionStats;
  /** What this process alone reports. */
  readonly reports: WorkerReports;
}

/** @throws {StartError} when the native WebSocket server cannot be loaded. */
export function createGateway(options: GatewayOptions): Gateway {
  const parts = createGatewayParts(options);
  const { connections, transport, registry, health, draining, log } = parts;
  expose(parts);
  /** Each ends something that was started. */
  const ends: (() => void)[] = [];
  let stopping: Promise<void> | null = null;

  const release = async (): Promise<void> => {
    transport.close();
    parts.stopped.abort();
    for (const end of ends) end();
    parts.topics.feeds.close();
    await Promise.all([parts.registration.stop(), parts.users.activity.stop(), parts.accounts.stop()]);
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
      if (parts.verifier === null) {
        log.warn("AUTH_MODE=none: every client is believed to be the user_id that it names");
      }
      try {
        await parts.topics.followAlways([BROADCAST_TOPIC, serverTopic(parts.serverId)]);
        ends.push(await listenForOperators(parts, options.worker !== undefined));
        ends.push(watchBroker(parts));
        await parts.verifier?.start();
        await transport.listen(createTransportHandlers(parts, options.worker?.all ?? null));
        startReporting(parts);
      } catch (error) {
        await release();
        throw error;
      }
      ends.push(startTimers(parts));
      log.info(
        { port: transport.port, server_id: parts.serverId },
        `ready on ws://localhost:${transport.port}/ws`,
      );
    },
    stop() {
      stopping ??= draining.start().then(release);
      return stopping;
    },
  };
}

/** Tells what the parts hold and what is wrong with them, whenever it is asked for. */
function expose({ registry, health, connections, topics, accounts, verifier, ...parts }: GatewayParts): void {
  exposeGauges(registry, {
    connections: () => connections.size,
    users: () => connections.stats().active_users,
    subscriptions: () => connections.stats().subscriptions,
    topics: () => topics.feeds.size,
    fillingTopics: () => topics.feeds.filling,
    waitingBytes: () => waitingBytes(connections.all()),
  });
  exposeWatchedAccounts(registry, () => accounts.size);
  health.check("broker", () => parts.broker.problem() ?? parts.broker.refusal());
  health.check("heartbeat", () => parts.registration.problem());
  health.check("draining", () => (parts.draining.isDraining ? "The server is shutting down." : null));
  if (verifier !== null) health.check("tokens", () => verifier.problem());
}

function listenForOperators(
  { broker, serverId, connections, topics, closer, draining, transport, ...parts }: GatewayParts,
  sharesPort: boolean,
): Promise<() => void> {
  return startControl({
    control: broker.control,
    serverId,
    connections,
    feeds: topics.feeds,
    disconnect: (connection) => closer.close(connection, "disconnected"),
    drain() {
      void draining.start();
      // New clients go to the other workers, instead of being refused here.
      if (sharesPort) transport.close();
    },
    onAsked: parts.clusterMetrics.asked,
    clock: parts.clock,
    logger: parts.log,
  });
}

/** Tells clients when the broker is lost and when it is back, and reads then what was missed. */
function watchBroker({ brokerState, registration, transport, users, topics, log }: GatewayParts): () => void {
  return brokerState.watch((problem) => {
    registration.changed();
    if (problem !== null) {
      log.warn({ problem }, "message broker lost");
      transport.publish(BROADCAST_TOPIC, degradedFrame());
      return;
    }
    log.info("message broker is back");
    transport.publish(BROADCAST_TOPIC, restoredFrame({ reason: "The message broker is back." }));
    users.brokerIsBack();
    topics.positions.expireAll();
    void topics.positions.run();
  });
}

function createTransportHandlers(
  { rules, connections, draining, metrics, verifier, sessions, health, registry, now }: GatewayParts,
  all: PortReports | null,
): TransportHandlers<Parameters<typeof sessions.open>[1]> {
  const { operations, stats } = createPortAnswers({ health, registry, stats: connections.stats }, all);
  return {
    admit: createAdmission({
      rules,
      connections,
      isDraining: () => draining.isDraining,
      onRefused: metrics.refused,
      now,
      verifier,
      pending: () => sessions.pending,
    }),
    open: (socket, admission) => sessions.open(socket, admission),
    request: createHttpRoutes({ operations, stats, allowsOrigin: rules.allowsOrigin }),
  };
}

/** From now on the cluster knows of this server, of its users and of the accounts that they want watched. */
function startReporting({
  registration,
  users,
  accounts,
  draining,
  health,
  connections,
  metrics,
  transport,
}: GatewayParts): void {
  registration.start({
    state: () => (draining.isDraining ? "draining" : health.report().ready ? "ready" : "not_ready"),
    stats: connections.stats,
    totals: metrics.totals,
    port: () => transport.port,
  });
  users.activity.start();
  accounts.start();
}

/** Does what has to be done again and again. @returns ends it. */
function startTimers({
  config,
  topics,
  accounts,
  users,
  verifier,
  sessions,
  ...parts
}: GatewayParts): () => void {
  const { connections, closer, heartbeat, metrics } = parts;
  const sweep = (): void => {
    topics.feeds.sweep();
    accounts.sweep();
    users.counts.reconcile();
    verifier?.refreshKeys();
    sessions.sweep();
    void topics.positions.run();
    findSlowConsumers(connections.all(), config.WEBSOCKET_MAX_BACKPRESSURE_BYTES, (connection) => {
      metrics.slowConsumer();
      closer.close(connection, "slow_consumer");
    });
  };
  const timers = [
    setInterval(sweep, SWEEP_INTERVAL_MS),
    // After the I/O of the same iteration: pongs that have arrived count, however late the timer is.
    setInterval(() => setImmediate(() => heartbeat.tick()), heartbeat.tickMs),
  ];
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
}
