import { createMemoryBroker, type Broker } from "@commcoin/broker";
import { loadConfig, type Environment } from "@commcoin/service/config";
import { systemClock, type Clock } from "@commcoin/service/lifecycle";
import {
  createHealth,
  createMetricsRegistry,
  createOperations,
  silentLogger,
  type Logger,
} from "@commcoin/service/telemetry";
import type { FastifyInstance, InjectOptions } from "fastify";
import type { Registry } from "prom-client";
import { createApp } from "../app.ts";
import { adminVariables } from "../config.ts";
import { createAdminMetrics } from "../metrics.ts";

export const TOKEN = "a-token-for-tests-0123456789";

export interface TestApp {
  readonly app: FastifyInstance;
  readonly broker: Broker;
  readonly registry: Registry;
}

/** The HTTP side without a socket, on a broker of its own. */
export async function createTestApp(
  env: Environment = { ADMIN_TOKEN: TOKEN },
  {
    clock = systemClock,
    uiFolder = null,
    logger = silentLogger,
  }: { readonly clock?: Clock; readonly uiFolder?: string | null; readonly logger?: Logger } = {},
): Promise<TestApp> {
  const broker = createMemoryBroker({ clock });
  const registry = createMetricsRegistry("admin");
  const health = createHealth();
  health.check("broker", () => broker.problem());
  const app = await createApp({
    config: loadConfig(adminVariables, { SERVER_ID: "admin-1", ...env }),
    broker,
    operations: createOperations({ health, registry }),
    metrics: createAdminMetrics(registry, broker),
    logger,
    uiFolder,
  });
  return { app, broker, registry };
}

export const bearer = (token: string): { readonly authorization: string } => ({
  authorization: `Bearer ${token}`,
});

export const NOTIFICATION = {
  user_id: null,
  title: "Hello",
  message: "to everybody",
  notification_type: "info",
};

/** A broadcast that is accepted, for tests that change one thing of it. */
export const broadcast = (
  changes: object = {},
  headers: Record<string, string> = bearer(TOKEN),
): InjectOptions => ({
  method: "POST",
  url: "/api/ws/broadcast",
  headers,
  payload: { type: "Notification", data: NOTIFICATION, target: { all: true }, ...changes },
});
