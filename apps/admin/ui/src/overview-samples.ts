import type { Server } from "./api/types.ts";

/** Fifteen minutes of samples, three seconds apart. */
const MAX_SAMPLES = 300;

/** What the gateways count since their start, of which rates are made. */
const COUNTERS = ["published", "delivered", "latency_ms", "latency_samples"] as const;
type Counter = (typeof COUNTERS)[number];

interface Reading {
  /** When the gateway said so, Unix milliseconds. */
  readonly at: number;
  readonly counts: Readonly<Partial<Record<Counter, number>>>;
}

export interface Sample {
  /** Unix seconds. */
  readonly at: number;
  readonly connections: number;
  /** Messages per second that gateways took from the broker; null until two readings are there. */
  readonly messagesIn: number | null;
  /** Messages per second that gateways handed to connections. */
  readonly messagesOut: number | null;
  /** Milliseconds from publishing to sending, on average; null while nothing was measured. */
  readonly latencyMs: number | null;
}

interface Rates {
  readonly perSecond: Readonly<Record<Counter, number>>;
}

export interface Samples {
  readonly list: readonly Sample[];
  /** By instance of a gateway. */
  readonly readings: ReadonlyMap<string, Reading>;
  readonly rates: ReadonlyMap<string, Rates>;
}

export const noSamples: Samples = { list: [], readings: new Map(), rates: new Map() };

/** What a gateway did per second between two of its heartbeats; null where the later one is none. */
function rateBetween(before: Reading, after: Reading): Rates | null {
  const seconds = (after.at - before.at) / 1_000;
  if (seconds < 0.5) return null;
  const rate = (name: Counter): number =>
    Math.max(0, (after.counts[name] ?? 0) - (before.counts[name] ?? 0)) / seconds;
  return {
    perSecond: {
      published: rate("published"),
      delivered: rate("delivered"),
      latency_ms: rate("latency_ms"),
      latency_samples: rate("latency_samples"),
    },
  };
}

/** Adds what the registry says of the gateways now. Rates are of each one's last two heartbeats, added up. */
export function addSample(before: Samples, servers: readonly Server[], nowMs: number): Samples {
  const readings = new Map<string, Reading>();
  const rates = new Map<string, Rates>();
  const gateways = servers.filter(({ service }) => service === "gateway");
  for (const { instance, counts, age_ms } of gateways) {
    const reading: Reading = { at: nowMs - age_ms, counts };
    const earlier = before.readings.get(instance);
    const rate = earlier === undefined ? null : rateBetween(earlier, reading);
    const kept = rate ?? before.rates.get(instance);
    readings.set(instance, earlier === undefined || rate !== null ? reading : earlier);
    if (kept !== undefined) rates.set(instance, kept);
  }
  const sum = (name: Counter): number | null =>
    rates.size === 0
      ? null
      : [...rates.values()].reduce((total, { perSecond }) => total + perSecond[name], 0);
  const samples = sum("latency_samples");
  const sample: Sample = {
    at: nowMs / 1_000,
    connections: gateways.reduce((total, { counts }) => total + (counts["connections"] ?? 0), 0),
    messagesIn: sum("published"),
    messagesOut: sum("delivered"),
    latencyMs: samples === null || samples === 0 ? null : (sum("latency_ms") ?? 0) / samples,
  };
  return { list: [...before.list, sample].slice(-MAX_SAMPLES), readings, rates };
}

/** A count of all gateways together since each one's start; null where none of them tells it. */
export function total(servers: readonly Server[], count: string): number | null {
  const told = servers.flatMap(({ counts }) => counts[count] ?? []);
  return told.length === 0 ? null : told.reduce((sum, value) => sum + value, 0);
}
