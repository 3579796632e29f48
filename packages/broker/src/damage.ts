import type { Logger } from "@commcoin/service/telemetry";

/** What may be found damaged, of another type, or not ours at all. */
const DAMAGED = [
  "topic_meta",
  "topic_stream",
  "topic_id",
  "registry",
  "demand",
  "presence",
  "state",
  "live_message",
  "control_message",
] as const;
export type Damaged = (typeof DAMAGED)[number];

/** One line of each kind in so many milliseconds: damage may come in floods. */
const LOG_EVERY_MS = 5_000;

/** Counts what was damaged, and says so now and then. */
export interface DamageLog {
  /** @param consequence what became of it, as a sentence. */
  note(what: Damaged, consequence: string, details?: Readonly<Record<string, string | number>>): void;
  counts(): ReadonlyMap<Damaged, number>;
}

/** @param now milliseconds that only grow. */
export function createDamageLog(logger: Logger, now: () => number): DamageLog {
  const counts = new Map<Damaged, number>(DAMAGED.map((what) => [what, 0]));
  const told = new Map<Damaged, { readonly at: number; readonly count: number }>();
  return {
    note(what, consequence, details) {
      const count = (counts.get(what) ?? 0) + 1;
      counts.set(what, count);
      const last = told.get(what);
      if (last !== undefined && now() - last.at < LOG_EVERY_MS) return;
      told.set(what, { at: now(), count });
      logger.warn({ ...details, damaged: what, since_last_line: count - (last?.count ?? 0) }, consequence);
    },
    counts: () => counts,
  };
}
