import type { Health } from "@commcoin/service/telemetry";
import type { Leadership } from "../leadership/leadership.ts";
import type { NodeReports } from "../rpc/node-reports.ts";
import type { NodePool, NodeStatus } from "../sources/node-pool.ts";
import type { Source } from "../sources/source.ts";
import type { Publishing } from "./publishing.ts";

/** A slot that is older than so many slot timeouts tells nothing of the present, nor does a node that answers as late. */
const STALE_SLOT_TIMEOUTS = 1.5;
/** An audit that takes longer than so many intervals does not keep up. */
const AUDIT_INTERVALS = 10;
const MIN_AUDIT_AGE_MS = 30_000;
/** So long a source that follows its first address, a new coin say, may take to subscribe to it. */
const FIRST_SUBSCRIPTION_MS = 5_000;
/** So long a leader may take to read what the one before it left: longer than it waits for the demand, and some attempts. */
const TAKE_OVER_MS = 10_000;

export interface ReadinessOptions {
  readonly health: Health;
  readonly pool: Pick<NodePool, "nodes">;
  readonly sources: readonly Source[];
  /** null while this listener stands by. */
  readonly publishing: () => Publishing | null;
  readonly leadership: Pick<Leadership, "role" | "problem">;
  readonly reports: Pick<NodeReports, "recent">;
  /** In seconds. */
  readonly config: {
    readonly TRANSACTION_LISTENER_AUDIT_INTERVAL: number;
    readonly TRANSACTION_LISTENER_SLOT_TIMEOUT: number;
  };
}

/**
 * Readiness of a listener that listens: one node at least is alive, everything is subscribed; where it leads, it publishes;
 * and while it publishes, nodes give the transactions that they announce, the broker takes messages and the audit keeps
 * up. A listener that stands by with live subscriptions is ready.
 */
export function checkIngestion({
  health,
  pool,
  sources,
  publishing,
  leadership,
  reports,
  config,
}: ReadinessOptions): void {
  const staleMs = STALE_SLOT_TIMEOUTS * config.TRANSACTION_LISTENER_SLOT_TIMEOUT * 1_000;
  /** null when the node is alive. */
  const problemOf = ({ endpoint, state, slotAgeMs }: NodeStatus): string | null => {
    if (state !== "live") return `There is no connection to ${endpoint}.`;
    if (slotAgeMs === null) return `${endpoint} has not announced a slot yet.`;
    return slotAgeMs < staleMs
      ? null
      : `The newest slot of ${endpoint} is ${Math.round(slotAgeMs / 1_000)} seconds old.`;
  };
  health.check("node", () => {
    const problems = pool
      .nodes()
      .filter(({ spare }) => !spare)
      .map(problemOf);
    return problems.includes(null) ? null : `${problems.join(" ")}${reports.recent()}`;
  });
  /** When each source last had nothing to follow. */
  const idleAt = new Map<string, number>();
  health.check("subscriptions", () => {
    const now = performance.now();
    const silent = sources
      .map((source) => source.status())
      .filter(({ name, needed, live }) => {
        if (needed === 0) idleAt.set(name, now);
        return needed > 0 && live === 0 && now - (idleAt.get(name) ?? -Infinity) > FIRST_SUBSCRIPTION_MS;
      });
    return silent.length === 0
      ? null
      : `Nothing is subscribed yet for: ${silent.map(({ name }) => name).join(", ")}.${reports.recent()}`;
  });
  health.check("lease", () => leadership.problem());
  /** Since when it leads and does not publish. */
  let takingOverSince: number | null = null;
  health.check("takeover", () => {
    const now = performance.now();
    const takesOver = leadership.role === "leader" && publishing() === null;
    takingOverSince = takesOver ? (takingOverSince ?? now) : null;
    const tookMs = now - (takingOverSince ?? now);
    return tookMs <= TAKE_OVER_MS
      ? null
      : `It leads for ${Math.round(tookMs / 1_000)} seconds without publishing: what the last one left cannot be taken over.`;
  });
  health.check("transactions", () => {
    const waitedMs = publishing()?.pipeline.fetchingMs ?? 0;
    return waitedMs < staleMs
      ? null
      : `No node has given an announced transaction for ${Math.round(waitedMs / 1_000)} seconds.${reports.recent()}`;
  });
  health.check("publish", () => publishing()?.publisher.problem() ?? null);
  health.check("blocks", () => publishing()?.firehose?.problem() ?? null);
  const intervalMs = config.TRANSACTION_LISTENER_AUDIT_INTERVAL * 1_000;
  health.check("audit", () => {
    const ageMs = publishing()?.audit.ageMs ?? 0;
    if (intervalMs === 0 || ageMs < Math.max(MIN_AUDIT_AGE_MS, AUDIT_INTERVALS * intervalMs)) return null;
    return `No audit went through for ${Math.round(ageMs / 1_000)} seconds.${reports.recent()}`;
  });
}
