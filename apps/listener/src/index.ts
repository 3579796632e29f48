import { randomUUID } from "node:crypto";
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
  let server: OperationsServer | null = null;

  return {
    get port() {
      return server?.port ?? 0;
    },
    async start() {
      server = await startOperationsServer(createOperations({ health, registry }), config.LISTENER_PORT);
      if (ingestion === null)
        log.info("TRANSACTION_LISTENER_ENABLED is false: this server does not listen to the chain");
      else ingestion.start();
    },
    async stop() {
      await ingestion?.stop();
      await server?.close();
      server = null;
    },
  };
}
