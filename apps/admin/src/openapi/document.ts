import { createMemoryBroker } from "@commcoin/broker";
import { loadConfig } from "@commcoin/service/config";
import {
  createHealth,
  createMetricsRegistry,
  createOperations,
  silentLogger,
} from "@commcoin/service/telemetry";
import { createApp } from "../app.ts";
import { adminVariables } from "../config.ts";
import { createAdminMetrics } from "../metrics.ts";

/** The OpenAPI document as text: what the routes of a server with defaults say of themselves. */
export async function openApiText(): Promise<string> {
  const registry = createMetricsRegistry("admin");
  const broker = createMemoryBroker();
  const app = await createApp({
    config: loadConfig(adminVariables, {}),
    broker,
    operations: createOperations({ health: createHealth(), registry }),
    metrics: createAdminMetrics(registry, broker),
    logger: silentLogger,
  });
  const document = app.swagger();
  await app.close();
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** Where the repository keeps it. */
export const OPENAPI_FILE = new URL("../../../../docs/openapi.json", import.meta.url);
