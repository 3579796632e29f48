import type { Broker } from "@commcoin/broker";
import type { Service } from "@commcoin/service/lifecycle";
import {
  createHealth,
  createMetricsRegistry,
  createOperations,
  startOperationsServer,
  type Logger,
  type OperationsServer,
} from "@commcoin/service/telemetry";
import type { ListenerConfig } from "./config.ts";
import { createIngestion } from "./ingestion.ts";
import { createListenerMetrics } from "./metrics.ts";
import { createPresence } from "./presence.ts";

export { listenerConfig, listenerVariables, requirePairs, type ListenerConfig } from "./config.ts";

export interface ListenerOptions {
  readonly config: ListenerConfig;
  /** Started by the caller, and closed by the caller after the listener stopped. */
  readonly broker: Broker;
  readonly logger: Logger;
}

export interface Listener extends Service {
  /** Where health and metrics are served, once started. */
  readonly port: number;
}

/** Listens to Solana and publishes what happens to the broker. */
export function createListener({ config, broker, logger }: ListenerOptions): Listener {
  const log = logger.module("transaction_listener");
  const registry = createMetricsRegistry("listener");
  const health = createHealth();
  health.check("broker", () => broker.problem());
  const ingestion = config.TRANSACTION_LISTENER_ENABLED
    ? createIngestion({ config, broker, log, metrics: createListenerMetrics(registry), health })
    : null;
  const presence = createPresence({
    registry: broker.registry,
    serverId: config.SERVER_ID,
    state: () => (stopping ? "draining" : health.report().ready ? "ready" : "not_ready"),
    counts: () => ingestion?.counts() ?? {},
    log,
  });
  let server: OperationsServer | null = null;
  let stopping = false;
  health.check("running", () => (stopping ? "The server is stopping." : null));

  return {
    get port() {
      return server?.port ?? 0;
    },
    async start() {
      server = await startOperationsServer(createOperations({ health, registry }), config.LISTENER_PORT);
      presence.start();
      ingestion?.start();
      const text = `listener is ready; health and metrics at http://localhost:${server.port}`;
      if (ingestion !== null) log.info(text);
      else log.info(`${text}; TRANSACTION_LISTENER_ENABLED is false, so it does not listen to the chain`);
    },
    async stop() {
      stopping = true;
      await ingestion?.stop();
      await presence.stop();
      await server?.close();
      server = null;
    },
  };
}
