import { METRIC_PREFIX } from "@commcoin/service/telemetry";
import { Counter, Gauge, type Registry } from "prom-client";

/** @returns counts accounts that were refused. */
export function createDemandMetrics(registry: Registry, wanted: () => number): (count: number) => void {
  const registers = [registry];
  const gauge: Gauge = new Gauge({
    name: `${METRIC_PREFIX}gateway_demanded_accounts`,
    help: "Accounts that connections of this server have watched",
    registers,
    collect: () => gauge.set(wanted()),
  });
  const refused = new Counter({
    name: `${METRIC_PREFIX}gateway_refused_accounts_total`,
    help: "Accounts that were not watched because all gateways together want WATCHED_ACCOUNTS_MAX already",
    registers,
  });
  return (count) => refused.inc(count);
}
