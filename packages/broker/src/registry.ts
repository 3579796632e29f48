import { z } from "zod";
import { listenerStatus } from "./listener-status.ts";

/** How often a server proves that it lives. */
export const HEARTBEAT_INTERVAL_MS = 3_000;
/** Two heartbeats and a second: longer than one lost heartbeat. */
export const SUSPECT_AFTER_MS = 7_000;
/** A server that died is off the list within 15 seconds, the time to ask included. */
export const GONE_AFTER_MS = 14_000;

const SERVICE_KINDS = ["listener", "gateway", "admin"] as const;

/** What every heartbeat says of the process that sends it. */
export const processDescription = z.object({
  version: z.string().max(64).describe("Of the services, which are released together"),
  host: z.string().max(256).describe("Name of its machine or container"),
  addresses: z.array(z.string().max(64)).max(16).describe("Of its machine or container"),
  port: z.int().min(0).max(65_535).describe("Where it answers HTTP"),
  clock: z.int().describe("Unix milliseconds by its own clock, when the heartbeat was sent"),
});

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
  /** Added by `startHeartbeat`; one of another version may not tell it. */
  process: processDescription.optional().catch(undefined),
});
export type ServerRecord = z.infer<typeof serverRecord>;

/** The counts of a gateway, which the cluster's totals are added up from. */
export type GatewayCounts = Readonly<Record<"connections" | "users" | "subscriptions", number>>;

const SERVER_HEALTH = ["healthy", "suspect"] as const;

export interface RegisteredServer extends ServerRecord {
  /** Milliseconds since the last heartbeat, by the broker's clock. */
  readonly age_ms: number;
  readonly health: (typeof SERVER_HEALTH)[number];
  /**
   * Milliseconds that its clock was ahead of the broker's when the last heartbeat arrived, the way of the heartbeat taken off;
   * null where it does not tell its clock.
   */
  readonly clock_skew_ms: number | null;
  /** How many other processes of the service use the same id and are refused the entry. */
  readonly superseded: number;
}

export type HeartbeatResult = "listed" | "superseded";

/**
 * Which servers there are. A server that stops sending heartbeats is `suspect` after `SUSPECT_AFTER_MS` and leaves the
 * list after `GONE_AFTER_MS`. Standalone runs three services under one id: entries are per service and id.
 */
export interface Registry {
  /**
   * Two processes that use one id would take turns in the list: the one that started later has the entry, the other
   * one is told that it is superseded for as long as the later one lives, and is counted in its entry.
   */
  heartbeat(record: ServerRecord): Promise<HeartbeatResult>;
  /** Removes the entry at once; only if it is still this instance's. */
  leave(record: Pick<ServerRecord, "server_id" | "service" | "instance">): Promise<void>;
  /** Sorted by service and id. */
  servers(): Promise<readonly RegisteredServer[]>;
}

/**
 * A record as the list shows it.
 * @param at when its heartbeat arrived, in Unix milliseconds of the broker's clock.
 */
export const registered = (
  record: ServerRecord,
  { ageMs, at, superseded }: { readonly ageMs: number; readonly at: number; readonly superseded: number },
): RegisteredServer => ({
  ...record,
  age_ms: Math.max(0, Math.round(ageMs)),
  health: ageMs > SUSPECT_AFTER_MS ? "suspect" : "healthy",
  clock_skew_ms: record.process === undefined ? null : Math.round(record.process.clock - at),
  superseded,
});

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

export const byServiceAndId = (a: ServerRecord, b: ServerRecord): number =>
  compare(a.service, b.service) || compare(a.server_id, b.server_id);
