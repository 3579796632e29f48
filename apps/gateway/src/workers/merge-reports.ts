import type { ConnectionStats } from "@commcoin/protocol";
import type { HealthReport } from "@commcoin/service/telemetry";
import type { WorkerConnections, WorkerHealth } from "./reports.ts";

const HEADER = /^# (?:HELP|TYPE) (\S+)/;

/** Puts pages of metrics together, each metric once with the series of all. Labels have to tell the series apart. */
export function mergeMetrics(pages: readonly string[]): string {
  const metrics = new Map<string, string[]>();
  for (const page of pages) {
    const own = new Set<string>();
    let lines: string[] = [];
    for (const line of page.split("\n")) {
      if (line === "") continue;
      const name = HEADER.exec(line)?.[1];
      if (name === undefined) {
        lines.push(line);
        continue;
      }
      const known = metrics.get(name);
      if (known === undefined) {
        own.add(name);
        metrics.set(name, (lines = [line]));
      } else {
        lines = known;
        if (own.has(name)) lines.push(line);
      }
    }
  }
  return [...metrics.values()].map((lines) => `${lines.join("\n")}\n`).join("\n");
}

/**
 * Ready while there are workers that new connections come to, and all of these are ready: whoever connects gets one of
 * them. A worker that is being started again, or that an operator drained, gets nobody and does not count.
 */
export function mergeHealth(
  workers: readonly { readonly worker: number; readonly health: WorkerHealth | null }[],
  expected: number,
): HealthReport {
  const silent = workers.filter(({ health }) => health === null);
  const listening = workers.flatMap(({ worker, health }) =>
    health?.listening === true ? [{ worker, report: health.report }] : [],
  );
  const ok = listening.length > 0 && silent.length === 0;
  const few =
    listening.length < expected ? [`${listening.length} of ${expected} workers accept connections.`] : [];
  const mute = silent.map(({ worker }) => `Worker ${worker} does not answer.`);
  const message = [...few, ...mute].join(" ");
  const checks: Record<string, HealthReport["checks"][string]> = {
    workers: { ok, ...(message === "" ? {} : { message }) },
  };
  for (const { worker, report } of listening) {
    for (const [name, check] of Object.entries(report.checks)) checks[`${name} (worker ${worker})`] = check;
  }
  return { ready: ok && listening.every(({ report }) => report.ready), checks };
}

/** A user who has connections to several workers is one user. */
export function mergeConnections(serverId: string, workers: readonly WorkerConnections[]): ConnectionStats {
  const sum = (count: (stats: ConnectionStats) => number): number =>
    workers.reduce((total, { stats }) => total + count(stats), 0);
  return {
    total_connections: sum(({ total_connections }) => total_connections),
    active_users: new Set(workers.flatMap(({ users }) => users)).size,
    subscriptions: sum(({ subscriptions }) => subscriptions),
    server_id: serverId,
  };
}
