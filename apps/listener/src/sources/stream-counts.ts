import type { ListenerMetrics } from "../metrics/listener-metrics.ts";
import type { SourceName } from "../model/notification.ts";

const KINDS = ["won", "duplicates", "backfilled", "missed", "left"] as const;
type Kind = (typeof KINDS)[number];
export type StreamTally = Readonly<Record<Kind, number>>;

/** What each node brought to each source, and what it did not; in the metrics as well. */
export interface StreamCounts {
  add(kind: Kind, source: SourceName, endpoint: string): void;
  /** Since the start. */
  of(source: SourceName, endpoint: string): StreamTally;
}

const NOTHING: StreamTally = { won: 0, duplicates: 0, backfilled: 0, missed: 0, left: 0 };

export function createStreamCounts(metrics: Pick<ListenerMetrics, Kind>): StreamCounts {
  const tallies = new Map<string, Record<Kind, number>>();
  const keyOf = (source: SourceName, endpoint: string): string => `${source} ${endpoint}`;
  return {
    add(kind, source, endpoint) {
      const key = keyOf(source, endpoint);
      const tally = tallies.get(key) ?? { ...NOTHING };
      tally[kind] += 1;
      tallies.set(key, tally);
      metrics[kind].inc({ source, endpoint });
    },
    of: (source, endpoint) => tallies.get(keyOf(source, endpoint)) ?? NOTHING,
  };
}
