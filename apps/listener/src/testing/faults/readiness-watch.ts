import type { RunningListener } from "../start-listener.ts";

/** Asks `/readyz` all the time. */
export interface ReadinessWatch {
  isReady(): boolean;
  /** When the newest unbroken row of 200 began. */
  readySince(): number;
  /** Checks that failed since `forget`, each with what it said last. */
  failures(): Readonly<Record<string, string>>;
  forget(): void;
  stop(): void;
}

interface Answer {
  readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly message?: string }>>;
}

const INTERVAL_MS = 50;

export function watchReadiness({ ready }: Pick<RunningListener, "ready">): ReadinessWatch {
  const failures: Record<string, string> = {};
  let readySince: number | null = null;
  let asking = false;

  const ask = async (): Promise<void> => {
    if (asking) return;
    asking = true;
    try {
      const { status, body } = await ready();
      if (status === 200) {
        readySince ??= performance.now();
        return;
      }
      readySince = null;
      for (const [name, { ok, message }] of Object.entries((body as Answer).checks)) {
        if (!ok) failures[name] = message ?? "";
      }
    } finally {
      asking = false;
    }
  };
  // The server ends before the watch does when a test fails.
  const timer = setInterval(() => void ask().catch(() => {}), INTERVAL_MS);

  return {
    isReady: () => readySince !== null,
    readySince: () => readySince ?? performance.now(),
    failures: () => ({ ...failures }),
    forget() {
      for (const name of Object.keys(failures)) delete failures[name];
    },
    stop: () => clearInterval(timer),
  };
}
