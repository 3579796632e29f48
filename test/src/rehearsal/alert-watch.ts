import { setTimeout as delay } from "node:timers/promises";
import type { Prometheus } from "../monitoring/prometheus.ts";

const LOOK_MS = 500;

/** A part of the rehearsal, and what Prometheus said meanwhile. */
export interface WatchedPhase {
  readonly name: string;
  readonly seconds: number;
  readonly fired: readonly string[];
  /** What had to fire and did not. */
  readonly missing: readonly string[];
  /** What fired and had no reason to. */
  readonly unexpected: readonly string[];
}

export interface Expected {
  /** All of these have to fire. */
  readonly must?: readonly string[];
  /** These have a reason to fire as well, and need not. */
  readonly may?: readonly string[];
}

/** Notes which alerts fire, phase by phase. */
export interface AlertWatch {
  readonly phases: readonly WatchedPhase[];
  /** Runs one phase; what fires while `work` runs is its. */
  readonly during: (
    name: string,
    expected: Expected,
    work: (watch: PhaseWatch) => Promise<unknown>,
  ) => Promise<void>;
}

interface PhaseWatch {
  /** Resolves once all that must fire has, or false after so many milliseconds. */
  readonly fired: (withinMs: number) => Promise<boolean>;
  /** The same for when nothing fires any more. */
  readonly calm: (withinMs: number) => Promise<boolean>;
}

export function watchAlerts({ firing }: Pick<Prometheus, "firing">): AlertWatch {
  const phases: WatchedPhase[] = [];
  return {
    phases,
    async during(name, { must = [], may = [] }, work) {
      const startedAt = performance.now();
      const fired = new Set<string>();
      let now: readonly string[] = [];
      const over = new AbortController();
      const look = async (): Promise<void> => {
        while (!over.signal.aborted) {
          now = await firing().then(
            (alerts) => alerts.map(({ alert }) => alert),
            () => now,
          );
          for (const alert of now) fired.add(alert);
          await delay(LOOK_MS);
        }
      };
      const looking = look();
      const until = async (withinMs: number, holds: () => boolean): Promise<boolean> => {
        const deadline = performance.now() + withinMs;
        while (!holds() && performance.now() < deadline) await delay(LOOK_MS);
        return holds();
      };
      try {
        await work({
          fired: (withinMs) => until(withinMs, () => must.every((alert) => fired.has(alert))),
          calm: (withinMs) => until(withinMs, () => now.length === 0),
        });
      } finally {
        over.abort();
        await looking;
      }
      phases.push({
        name,
        seconds: (performance.now() - startedAt) / 1_000,
        fired: [...fired].toSorted(),
        missing: must.filter((alert) => !fired.has(alert)),
        unexpected: [...fired].filter((alert) => !must.includes(alert) && !may.includes(alert)),
      });
    },
  };
}
