import type { Health } from "@commcoin/service/telemetry";
import type { ListenerConfig } from "./config.ts";
import type { Publication } from "./publication.ts";
import type { NodePool, NodeStatus } from "./sources/node-pool.ts";
import type { Source } from "./sources/source.ts";

/** A node whose newest slot is older than this tells nothing of the present. */
const FRESH_SLOT_MS = 15_000;
/** An audit that takes longer than so many intervals does not keep up. */
const AUDIT_INTERVALS = 10;
const MIN_AUDIT_AGE_MS = 30_000;

export interface ReadinessOptions {
  readonly health: Health;
  readonly pool: Pick<NodePool, "nodes">;
  readonly sources: readonly Source[];
  readonly publication: Publication;
  readonly config: Pick<ListenerConfig, "TRANSACTION_LISTENER_AUDIT_INTERVAL">;
}

/** null when the node is alive. */
function problemOf({ endpoint, state, slotAgeMs }: NodeStatus): string | null {
  if (state !== "live") return `There is no connection to ${endpoint}.`;
  if (slotAgeMs === null) return `${endpoint} has not announced a slot yet.`;
  return slotAgeMs < FRESH_SLOT_MS
    ? null
    : `The newest slot of ${endpoint} is ${Math.round(slotAgeMs / 1_000)} seconds old.`;
}

/**
 * Readiness of a listener that listens: one node at least is alive, everything is subscribed; and while it publishes, the broker
 * takes messages and the audit keeps up. A listener that stands by with live subscriptions is ready.
 */
export function checkIngestion({ health, pool, sources, publication, config }: ReadinessOptions): void {
  health.check("node", () => {
    const problems = pool
      .nodes()
      .filter(({ spare }) => !spare)
      .map(problemOf);
    return problems.includes(null) ? null : problems.join(" ");
  });
  health.check("subscriptions", () => {
    const silent = sources
      .map((source) => source.status())
      .filter(({ needed, live }) => needed > 0 && live === 0);
    return silent.length === 0
      ? null
      : `Nothing is subscribed yet for: ${silent.map(({ name }) => name).join(", ")}.`;
  });
  health.check("publish", () => publication.active?.publisher.problem() ?? null);
  const intervalMs = config.TRANSACTION_LISTENER_AUDIT_INTERVAL * 1_000;
  health.check("audit", () => {
    const ageMs = publication.active?.audit.ageMs ?? 0;
    if (intervalMs === 0 || ageMs < Math.max(MIN_AUDIT_AGE_MS, AUDIT_INTERVALS * intervalMs)) return null;
    return `No audit went through for ${Math.round(ageMs / 1_000)} seconds.`;
  });
}
