/** What a check found: null when all is well, else a sentence that says what is wrong. */
export type CheckResult = string | null;

export interface HealthReport {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly message?: string }>>;
}

export interface Health {
  /** Adds something that readiness depends on. It is asked at every report and must answer from what it knows. */
  check(name: string, probe: () => CheckResult): void;
  /** Adds something that is told with readiness, and that it does not depend on. */
  note(name: string, probe: () => CheckResult): void;
  report(): HealthReport;
}

/** Readiness as the sum of named checks. A check that throws counts as failed. */
export function createHealth(): Health {
  const probes = new Map<string, () => CheckResult>();
  const notes = new Map<string, () => CheckResult>();
  const ask = (probe: () => CheckResult): CheckResult => {
    try {
      return probe();
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
  return {
    check(name, probe) {
      probes.set(name, probe);
    },
    note(name, probe) {
      notes.set(name, probe);
    },
    report() {
      const answersOf = (asked: typeof probes, failed: boolean) =>
        [...asked].map(([name, probe]) => {
          const message = ask(probe);
          return [name, message === null ? { ok: true } : { ok: !failed, message }] as const;
        });
      const checks = Object.fromEntries([...answersOf(probes, true), ...answersOf(notes, false)]);
      return { ready: Object.values(checks).every(({ ok }) => ok), checks };
    },
  };
}
