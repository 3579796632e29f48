import { startHeartbeat, type Heartbeat, type Registry, type ServerRecord } from "@commcoin/broker";
import type { ConnectionStats } from "@commcoin/protocol";
import type { Logger } from "@commcoin/service/telemetry";
import { randomUUID } from "node:crypto";

/** Changes of the counts reach the cluster's totals within so long, and cost no more than four messages a second. */
const CHANGE_DELAY_MS = 250;

/** Keeps this gateway's entry in the registry. */
export interface Presence {
  start(): void;
  /** To be called when state or counts changed. */
  changed(): void;
  /** Removes the entry. */
  stop(): Promise<void>;
}

export function createPresence({
  registry,
  serverId,
  startedAt,
  state,
  stats,
  logger,
}: {
  readonly registry: Registry;
  readonly serverId: string;
  readonly startedAt: number;
  readonly state: () => ServerRecord["state"];
  readonly stats: () => ConnectionStats;
  readonly logger: Logger;
}): Presence {
  const instance = randomUUID();
  let heartbeat: Heartbeat | null = null;
  let soon: NodeJS.Timeout | undefined;
  let sending: Promise<unknown> = Promise.resolve();

  const describe = (): ServerRecord => {
    const { total_connections, active_users, subscriptions } = stats();
    return {
      server_id: serverId,
      service: "gateway",
      instance,
      started_at: startedAt,
      state: state(),
      counts: { connections: total_connections, users: active_users, subscriptions },
    };
  };
  return {
    start() {
      heartbeat = startHeartbeat({ registry, describe, logger });
    },
    changed() {
      if (heartbeat === null || soon !== undefined) return;
      soon = setTimeout(() => {
        soon = undefined;
        // Whether it fails is told by the regular heartbeat.
        sending = registry.heartbeat(describe()).catch(() => null);
      }, CHANGE_DELAY_MS);
    },
    async stop() {
      const running = heartbeat;
      heartbeat = null;
      clearTimeout(soon);
      // One that is still on its way would put the server back on the list.
      await sending;
      await running?.stop();
    },
  };
}
