import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { VERSION } from "./version.ts";

/** Every metric of ours starts with it. */
export const METRIC_PREFIX = "commcoin_";

/**
 * A registry with the process metrics of Node (memory, CPU, event loop, garbage collection) in it.
 * @param labels of every series, beside the service.
 */
export function createMetricsRegistry(
  service: string,
  labels: Readonly<Record<string, string | number>> = {},
): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service, ...labels });
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: `${METRIC_PREFIX}build_info`,
    help: "Always 1; the label says which release runs.",
    labelNames: ["version"],
    registers: [registry],
  }).set({ version: VERSION }, 1);
  return registry;
}
