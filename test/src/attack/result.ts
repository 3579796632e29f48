import type { Vitals } from "./support/vitals.ts";

/** What one attack did to the services and to the healthy client. */
export interface AttackResult {
  readonly name: string;
  readonly tries: number;
  readonly exits: readonly string[];
  readonly before: Vitals;
  readonly peakBytes: number;
  readonly after: Vitals;
  readonly lost: number;
  /** Without an attack, just before it. */
  readonly quietP99Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** From the end of the attack until messages came in time and every service was ready; null when they never did. */
  readonly normalMs: number | null;
  readonly logLines: number;
  readonly what: string;
  readonly problems: readonly string[];
}
