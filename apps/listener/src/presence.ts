import { randomUUID } from "node:crypto";
import { HEARTBEAT_INTERVAL_MS, type Registry, type ServerRecord } from "@commcoin/broker";
import type { Logger } from "@commcoin/service/telemetry";

export interface PresenceOptions {
  readonly registry: Registry;
  readonly serverId: string;
  readonly state: () => ServerRecord["state"];
  readonly counts: () => ServerRecord["counts"];
  readonly log: Logger;
}

/** Keeps this listener's entry in the registry of servers. */
export interface Presence {
  start(): void;
  /** Removes the entry. */
  stop(): Promise<void>;
}

export function createPresence({ registry, serverId, state, counts, log }: PresenceOptions): Presence {
  const identity = { server_id: serverId, service: "listener", instance: randomUUID() } as const;
  let startedAt = 0;
  let timer: NodeJS.Timeout | undefined;
  let superseded = false;
  let beating: Promise<void> = Promise.resolve();

  const send = async (): Promise<void> => {
    if (timer === undefined) return;
    try {
      const record = { ...identity, started_at: startedAt, state: state(), counts: counts() };
      const result = await registry.heartbeat(record);
      if (result === "superseded" && !superseded) {
        log.warn({ server_id: serverId }, "another listener uses this SERVER_ID; give each its own");
      }
      superseded = result === "superseded";
    } catch (error) {
      log.debug({ error: String(error) }, "heartbeat was not stored");
    }
  };
  /** One after the other, so that none is stored after the entry was removed. */
  const beat = (): void => {
    beating = beating.then(send);
  };

  return {
    start() {
      startedAt = Date.now();
      timer = setInterval(beat, HEARTBEAT_INTERVAL_MS);
      beat();
    },
    async stop() {
      if (timer === undefined) return;
      clearInterval(timer);
      timer = undefined;
      await beating;
      try {
        await registry.leave(identity);
      } catch (error) {
        log.debug({ error: String(error) }, "entry was not removed; it expires");
      }
    },
  };
}
