import { createMetricsRegistry, METRIC_PREFIX } from "@commcoin/service/telemetry";
import { Counter, Gauge } from "prom-client";

/** What a supervisor counts; its own process has the label `worker="supervisor"`. */
export interface WorkerMetrics {
  readonly restarted: (worker: number) => void;
  readonly page: () => Promise<string>;
}

/** @param ready which workers are ready, by number. */
export function createWorkerMetrics(count: number, ready: () => readonly number[]): WorkerMetrics {
  const registry = createMetricsRegistry("gateway", { worker: "supervisor" });
  const registers = [registry];
  const labelNames = ["worker"];
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  const up: Gauge = new Gauge({
    name: `${METRIC_PREFIX}gateway_worker_up`,
    help: "1 for a worker that accepts clients, 0 for one that is being started again (GATEWAY_WORKERS)",
    labelNames,
    registers,
    collect() {
      const there = new Set(ready());
      for (const worker of numbers) up.set({ worker }, Number(there.has(worker)));
    },
  });
  const restarts = new Counter({
    name: `${METRIC_PREFIX}gateway_worker_restarts_total`,
    help: "Workers that ended by themselves and were started again (GATEWAY_WORKERS)",
    labelNames,
    registers,
  });
  for (const worker of numbers) restarts.inc({ worker }, 0);
  return { restarted: (worker) => restarts.inc({ worker }), page: () => registry.metrics() };
}
