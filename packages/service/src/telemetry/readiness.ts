import { Gauge, type Registry } from "prom-client";
import type { Health } from "./health.ts";
import { METRIC_PREFIX } from "./metrics.ts";

/** Adds `commcoin_<service>_ready` and `commcoin_<service>_check`, so that alerts can be made on what `/readyz` says. */
export function exposeReadiness(
  registry: Registry,
  { service, health }: { readonly service: string; readonly health: Pick<Health, "report"> },
): void {
  const ready: Gauge = new Gauge({
    name: `${METRIC_PREFIX}${service}_ready`,
    help: "1 while all checks of readiness pass, else 0; `/readyz` says which does not",
    registers: [registry],
    collect: () => ready.set(health.report().ready ? 1 : 0),
  });
  const checks: Gauge<"check"> = new Gauge({
    name: `${METRIC_PREFIX}${service}_check`,
    help: "1 while a check of readiness passes, else 0, by its name in `/readyz`",
    labelNames: ["check"],
    registers: [registry],
    collect() {
      for (const [check, { ok }] of Object.entries(health.report().checks)) checks.set({ check }, ok ? 1 : 0);
    },
  });
}
