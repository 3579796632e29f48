import { HEARTBEAT_INTERVAL_MS, type Registry, type ServerRecord } from "@commcoin/broker";
import type { ConnectionStats } from "@commcoin/protocol";
import type { Logger } from "@commcoin/service/telemetry";
import { randomUUID } from "node:crypto";

/** Changes of the counts reach the cluster's totals within so long, and cost no more than four messages a second. */
const CHANGE_DELAY_MS = 250;

/** Keeps this gateway's entry in the registry. */
export interface Presence {
  start(): Promise<void>;
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
  log,
}: {
  readonly registry: Registry;
  readonly serverId: string;
  readonly startedAt: number;
  readonly state: () => ServerRecord["state"];
  readonly stats: () => ConnectionStats;
  readonly log: Logger;
}): Presence {
  const identity = { server_id: serverId, service: "gateway" as const, instance: randomUUID() };
  let timer: NodeJS.Timeout | undefined;
  let soon: NodeJS.Timeout | undefined;
  let running = false;
  let superseded = false;
  let beating: Promise<void> = Promise.resolve();

  const send = async (): Promise<void> => {
    const { total_connections, active_users, subscriptions } = stats();
    const counts = { total_connections, active_users, subscriptions };
    try {
      const result = await registry.heartbeat({ ...identity, started_at: startedAt, state: state(), counts });
      if (result === "superseded" && !superseded) {
        log.warn({ server_id: serverId }, "another gateway uses this SERVER_ID; give each its own");
      }
      superseded = result === "superseded";
    } catch (error) {
      log.debug({ err: error }, "heartbeat was not stored");
    }
  };
  /** One after the other, so that none is stored after the entry was removed. */
  const beat = (): Promise<void> => {
    beating = beating.then(() => (running ? send() : undefined));
    return beating;
  };
  return {
    async start() {
      running = true;
      timer = setInterval(() => void beat(), HEARTBEAT_INTERVAL_MS);
      await beat();
    },
    changed() {
      if (!running || soon !== undefined) return;
      soon = setTimeout(() => {
        soon = undefined;
        void beat();
      }, CHANGE_DELAY_MS);
    },
    async stop() {
      if (!running) return;
      running = false;
      clearInterval(timer);
      clearTimeout(soon);
      await beating;
      try {
        await registry.leave(identity);
      } catch (error) {
        log.debug({ err: error }, "entry was not removed; it expires");
      }
    },
  };
}
