import type { Health } from "@commcoin/service/telemetry";
import type { Publisher } from "./pipeline/publisher.ts";
import type { NodeConnection } from "./sources/node-connection.ts";
import type { Source } from "./sources/source.ts";

/** A node whose newest slot is older than this tells nothing of the present. */
const FRESH_SLOT_MS = 15_000;

/** Readiness of a listener that listens: the node is alive, everything is subscribed, the broker takes messages. */
export function checkIngestion(
  health: Health,
  connection: NodeConnection,
  sources: readonly Source[],
  publisher: Publisher,
): void {
  health.check("node", () => {
    const { open, endpoint, slotAgeMs } = connection.status();
    if (!open) return `There is no connection to ${endpoint}.`;
    if (slotAgeMs === null) return `${endpoint} has not announced a slot yet.`;
    return slotAgeMs < FRESH_SLOT_MS
      ? null
      : `The newest slot of ${endpoint} is ${Math.round(slotAgeMs / 1_000)} seconds old.`;
  });
  health.check("subscriptions", () => {
    const silent = sources
      .map((source) => source.status())
      .filter(({ wanted, live }) => wanted > 0 && live === 0);
    return silent.length === 0
      ? null
      : `Nothing is subscribed yet for: ${silent.map(({ name }) => name).join(", ")}.`;
  });
  health.check("publish", () => publisher.problem());
}
