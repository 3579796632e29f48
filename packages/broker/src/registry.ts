import { z } from "zod";
import { listenerStatus } from "./listener-status.ts";

/** How often a server proves that it lives. */
export const HEARTBEAT_INTERVAL_MS = 3_000;
/** Two heartbeats and a second: longer than one lost heartbeat. */
export const SUSPECT_AFTER_MS = 7_000;
/** A server that died is off the list within 15 seconds, the time to ask included. */
export const GONE_AFTER_MS = 14_000;

const SERVICE_KINDS = ["listener", "gateway", "admin"] as const;

/** What a server says of itself with every heartbeat. */
export const serverRecord = z.object({
  server_id: z.string(),
  service: z.enum(SERVICE_KINDS),
  /** Tells two processes apart that use the same id. */
  instance: z.string(),
  started_at: z.int().describe("Unix milliseconds"),
  state: z.enum(["ready", "not_ready", "draining"]),
  /** Numbers that the service is measured by, such as a gateway's connections. */
  counts: z.record(z.string(), z.number()),
  /** Only of a listener; one of another version may say it in a way that is not understood here. */
  listener: listenerStatus.optional().catch(undefined),
});
export type ServerRecord = z.infer<typeof serverRecord>;

/** The counts of a gateway, which the cluster's totals are added up from. */
export type GatewayCounts = Readonly<Record<"connections" | "users" | "subscriptions", number>>;

const SERVER_HEALTH = ["healthy", "suspect"] as const;

export interface RegisteredServer extends ServerRecord {
  /** Milliseconds since the last heartbeat, by the broker's clock. */
  readonly age_ms: number;
  readonly health: (typeof SERVER_HEALTH)[number];
}

export type HeartbeatResult = "listed" | "superseded";

/**
 * Which servers there are. A server that stops sending heartbeats is `suspect` after `SUSPECT_AFTER_MS` and leaves the
 * list after `GONE_AFTER_MS`. Standalone runs three services under one id: entries are per service and id.
 */
export interface Registry {
  /**
   * Two processes that use one id would take turns in the list: the one that started later has the entry, the other
   * one is told that it is superseded for as long as the later one lives.
   */
  heartbeat(record: ServerRecord): Promise<HeartbeatResult>;
  /** Removes the entry at once; only if it is still this instance's. */
  leave(record: Pick<ServerRecord, "server_id" | "service" | "instance">): Promise<void>;
  /** Sorted by service and id. */
  servers(): Promise<readonly RegisteredServer[]>;
}

/** A record as the list shows it. */
export const registered = (record: ServerRecord, ageMs: number): RegisteredServer => ({
  ...record,
  age_ms: Math.max(0, Math.round(ageMs)),
  health: ageMs > SUSPECT_AFTER_MS ? "suspect" : "healthy",
});

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

export const byServiceAndId = (a: ServerRecord, b: ServerRecord): number =>
  compare(a.service, b.service) || compare(a.server_id, b.server_id);
