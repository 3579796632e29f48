import type { WorkerProcess } from "./worker-process.ts";

/** A worker is asked so often whether it lives; one that is silent for as long as the registry waits hangs. */
const LIVENESS_INTERVAL_MS = 5_000;
const LIVENESS_TIMEOUT_MS = 15_000;
/** It answers once its program is loaded: in a second, and much later where others have the cores. */
const START_TIMEOUT_MS = 60_000;

/**
 * Asks a worker again and again for as long as it is to run.
 * @returns for how many milliseconds it was silent, as soon as that is too long; null when it is not to run any more.
 */
export async function watchForSilence(
  { ask }: Pick<WorkerProcess, "ask">,
  isRunning: () => boolean,
  wait: (ms: number) => Promise<void>,
): Promise<number | null> {
  for (let patienceMs = START_TIMEOUT_MS; isRunning(); patienceMs = LIVENESS_TIMEOUT_MS) {
    try {
      await ask("health", patienceMs);
    } catch {
      return patienceMs;
    }
    await wait(LIVENESS_INTERVAL_MS);
  }
  return null;
}
