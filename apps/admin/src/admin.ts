import { randomUUID } from "node:crypto";
import { startHeartbeat, withTrace, type Broker, type Heartbeat, type ServerRecord } from "@commcoin/broker";
import type { Service } from "@commcoin/service/lifecycle";
import {
  createHealth,
  createMetricsRegistry,
  createOperations,
  exposeReadiness,
  type Logger,
} from "@commcoin/service/telemetry";
import type { FastifyInstance } from "fastify";
import { createApp } from "./app.ts";
import type { AdminConfig } from "./config.ts";
import { listen } from "./listen.ts";
import { createAdminMetrics } from "./metrics.ts";

export interface AdminOptions {
  readonly config: AdminConfig;
  /** Started and closed by whoever made it. */
  readonly broker: Broker;
  readonly logger: Logger;
}

/** The admin service: an HTTP API that answers for the whole cluster. */
export interface Admin extends Service {
  /** Where it listens; 0 while it does not. */
  readonly port: number;
}

export function createAdmin({ config, broker: given, logger: parent }: AdminOptions): Admin {
  const broker = withTrace(given, parent.module("message_broker"));
  const logger = parent.module("admin");
  const registry = createMetricsRegistry("admin");
  const health = createHealth();
  exposeReadiness(registry, { service: "admin", health });
  const metrics = createAdminMetrics(registry, broker);
  let stopping = false;
  health.check("broker", () => broker.problem() ?? broker.refusal());
  health.check("heartbeat", () => heartbeat?.problem() ?? null);
  health.check("running", () => (stopping ? "The server is stopping." : null));

  let app: FastifyInstance | null = null;
  let heartbeat: Heartbeat | null = null;
  let port = 0;

  const identity = { server_id: config.SERVER_ID, service: "admin", instance: randomUUID() } as const;
  const startedAt = Date.now();
  const describe = (): ServerRecord => ({
    ...identity,
    started_at: startedAt,
    state: stopping ? "draining" : health.report().ready ? "ready" : "not_ready",
    counts: {},
  });

  return {
    get port() {
      return port;
    },

    async start() {
      stopping = false;
      app = await createApp({
        config,
        broker,
        operations: createOperations({ health, registry }),
        metrics,
        logger,
      });
      try {
        port = await listen(app, config.ADMIN_PORT, config.ADMIN_HOST);
      } catch (error) {
        await app.close();
        throw error;
      }
      heartbeat = startHeartbeat({ registry: broker.registry, describe, port: () => port, logger });
      const writes =
        config.ADMIN_TOKEN === undefined ? "refused until ADMIN_TOKEN is set" : "need ADMIN_TOKEN";
      logger.info(
        { port, writes },
        `admin API is ready at http://${config.ADMIN_HOST ?? "localhost"}:${port}`,
      );
    },

    async stop() {
      stopping = true;
      await app?.close();
      await heartbeat?.stop();
      heartbeat = null;
      port = 0;
    },
  };
}
