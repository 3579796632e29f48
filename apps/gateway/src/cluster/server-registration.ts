import { startHeartbeat, type Heartbeat, type Registry, type ServerRecord } from "@commcoin/broker";
import type { ConnectionStats } from "@commcoin/protocol";
import type { Logger } from "@commcoin/service/telemetry";
import { randomUUID } from "node:crypto";
import type { GatewayTotals } from "../metrics/gateway-metrics.ts";

/** What the registry says of this gateway. */
export interface ServerReports {
  readonly state: () => ServerRecord["state"];
  readonly stats: () => ConnectionStats;
  /** What the gateway counts since its start. */
  readonly totals: () => GatewayTotals;
  /** Where it listens. */
  readonly port: () => number;
}

/** Keeps this gateway's entry in the registry. */
export interface ServerRegistration {
  start(reports: ServerReports): void;
  /** To be called when state or counts changed. */
  readonly changed: () => void;
  /** Why the last heartbeat failed; null when it did not. */
  problem(): string | null;
  /** Removes the entry. */
  stop(): Promise<void>;
}

export function createServerRegistration({
  registry,
  serverId,
  startedAt,
  logger,
}: {
  readonly registry: Registry;
  readonly serverId: string;
  readonly startedAt: number;
  readonly logger: Logger;
}): ServerRegistration {
  const instance = randomUUID();
  let heartbeat: Heartbeat | null = null;
  return {
    start({ state, stats, totals, port }) {
      const describe = (): ServerRecord => {
        const { total_connections, active_users, subscriptions } = stats();
        return {
          server_id: serverId,
          service: "gateway",
          instance,
          started_at: startedAt,
          state: state(),
          counts: { connections: total_connections, users: active_users, subscriptions, ...totals() },
        };
      };
      heartbeat = startHeartbeat({ registry, describe, port, logger });
    },
    changed: () => heartbeat?.changed(),
    problem: () => heartbeat?.problem() ?? null,
    async stop() {
      const running = heartbeat;
      heartbeat = null;
      await running?.stop();
    },
  };
}
