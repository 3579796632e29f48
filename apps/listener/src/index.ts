import { randomUUID } from "node:crypto";
import {
  startHeartbeat,
  withMetrics,
  withTrace,
  type Broker,
  type Heartbeat,
  type ListenerStatus,
  type ServerRecord,
} from "@commcoin/broker";
import type { Service } from "@commcoin/service/lifecycle";
import {
  createHealth,
  createMetricsRegistry,
  createOperations,
  exposeReadiness,
  startOperationsServer,
  type Logger,
  type OperationsServer,
} from "@commcoin/service/telemetry";
import { createChainFollower } from "./chain-follower.ts";
import type { ListenerConfig } from "./config.ts";
import { createListenerMetrics } from "./metrics/listener-metrics.ts";
import { LARGE_GAP_TRANSACTIONS } from "./sources/list-signatures.ts";
import { SILENT_MS } from "./sources/stream-comparison.ts";

export { listenerConfig, listenerVariables, requirePairs, type ListenerConfig } from "./config.ts";

export interface ListenerOptions {
  readonly config: ListenerConfig;
  /** Started by the caller, and closed by the caller after the listener stopped. */
  readonly broker: Broker;
  readonly logger: Logger;
  /** How long an account stays watched that no client follows any more, in milliseconds. */
  readonly accountGraceMs?: number;
  /** More transactions of an address than these are not listed, but read from whole blocks. */
  readonly largeGap?: number;
  /** How long a subscription may miss everything before its connection is given up, in milliseconds. */
  readonly silentMs?: number;
}

export interface Listener extends Service {
  /** Where health and metrics are served, once started. */
  readonly port: number;
  /** What it says of itself with its next heartbeat. */
  status(): ListenerStatus;
}

/** Of a listener that does not listen. */
const OFF: ListenerStatus = {
  role: "off",
  chain: null,
  set_aside: [],
  fence: null,
  slot: null,
  watermark: null,
  lag: null,
  sources: [],
  spares: [],
  queues: { signatures: 0, messages: 0, finality: 0 },
  requests_delayed: 0,
  endpoints: [],
  refusals: [],
  checkpoint_age_ms: null,
  audit_age_ms: null,
};
/** How soon after it became ready a listener says so. */
const ANNOUNCE_INTERVAL_MS = 100;
/** How often a listener looks whether there is anything that others should hear of before the next heartbeat. */
const CHANGE_INTERVAL_MS = 250;
/** Longer than a client's longest pause before it reconnects, and than a gateway takes to declare again. */
const ACCOUNT_GRACE_MS = 30_000;

/** Listens to Solana and publishes what happens to the broker. */
export function createListener({
  config,
  broker: given,
  logger,
  accountGraceMs = ACCOUNT_GRACE_MS,
  largeGap = LARGE_GAP_TRANSACTIONS,
  silentMs = SILENT_MS,
}: ListenerOptions): Listener {
  const log = logger.module("transaction_listener");
  const registry = createMetricsRegistry("listener");
  const broker = withTrace(withMetrics(given, registry), logger.module("message_broker"));
  const health = createHealth();
  let heartbeat: Heartbeat | null = null;
  let stopping = false;
  exposeReadiness(registry, { service: "listener", health });
  health.check("broker", () => broker.problem() ?? broker.refusal());
  health.check("heartbeat", () => heartbeat?.problem() ?? null);
  const identity = { server_id: config.SERVER_ID, service: "listener", instance: randomUUID() } as const;
  const ingestion = config.TRANSACTION_LISTENER_ENABLED
    ? createChainFollower({
        config,
        broker,
        holder: `${identity.server_id}:${identity.instance}`,
        log,
        metrics: createListenerMetrics(registry),
        health,
        accountGraceMs,
        largeGap,
        silentMs,
      })
    : null;
  const status = (): ListenerStatus => ingestion?.status() ?? OFF;
  const startedAt = Date.now();
  const state = (): ServerRecord["state"] =>
    stopping ? "draining" : health.report().ready ? "ready" : "not_ready";
  const describe = (): ServerRecord => ({
    ...identity,
    started_at: startedAt,
    state: state(),
    counts: ingestion?.counts() ?? {},
    listener: status(),
  });
  let server: OperationsServer | null = null;
  let announcement: NodeJS.Timeout | undefined;
  let watching: NodeJS.Timeout | undefined;
  let told = "";
  /** Tells others soon when something began or ended, with more than numbers that grow. */
  const tellChanges = (): void => {
    const now = JSON.stringify([state(), ingestion?.states()]);
    if (now !== told) heartbeat?.changed();
    told = now;
  };
  health.check("running", () => (stopping ? "The server is stopping." : null));

  return {
    get port() {
      return server?.port ?? 0;
    },
    status,
    async start() {
      server = await startOperationsServer(createOperations({ health, registry }), config.LISTENER_PORT);
      ingestion?.start();
      const { port } = server;
      heartbeat = startHeartbeat({ registry: broker.registry, describe, port: () => port, logger: log });
      log.info({ port }, `listener started; health and metrics at http://localhost:${port}`);
      if (ingestion === null) {
        log.info("TRANSACTION_LISTENER_ENABLED is false: this server does not listen to the chain");
      }
      watching = setInterval(tellChanges, CHANGE_INTERVAL_MS);
      announcement = setInterval(() => {
        if (!health.report().ready) return;
        clearInterval(announcement);
        log.info(ingestion?.counts() ?? {}, "listener is ready");
      }, ANNOUNCE_INTERVAL_MS);
    },
    async stop() {
      stopping = true;
      clearInterval(announcement);
      clearInterval(watching);
      await ingestion?.stop();
      await heartbeat?.stop();
      heartbeat = null;
      await server?.close();
      server = null;
    },
  };
}
