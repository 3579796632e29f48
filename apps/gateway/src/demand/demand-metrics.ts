import { METRIC_PREFIX } from "@commcoin/service/telemetry";
import { Counter, Gauge, type Registry } from "prom-client";

/** @returns counts accounts that were refused. */
export function countRefusedAccounts(registry: Registry): (count: number) => void {
  const refused = new Counter({
    name: `${METRIC_PREFIX}gateway_refused_accounts_total`,
    help: "Accounts that were not watched because all gateways together want WATCHED_ACCOUNTS_MAX already",
    registers: [registry],
  });
  return (count) => refused.inc(count);
}

export function exposeWatchedAccounts(registry: Registry, count: () => number): void {
  const gauge: Gauge = new Gauge({
    name: `${METRIC_PREFIX}gateway_demanded_accounts`,
    help: "Accounts that connections of this server have watched",
    registers: [registry],
    collect: () => gauge.set(count()),
  });
}
