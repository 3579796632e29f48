import { collectDefaultMetrics, Registry } from "prom-client";

/** Every metric of ours starts with it. */
export const METRIC_PREFIX = "commcoin_";

/** A registry with the process metrics of Node (memory, CPU, event loop, garbage collection) in it. */
export function createMetricsRegistry(service: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  return registry;
}
