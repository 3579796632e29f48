import type { WorkerProcess } from "./worker-process.ts";

/** A worker is asked so often whether it lives; one that is silent for as long as the registry waits hangs. */
const LIVENESS_INTERVAL_MS = 5_000;
export const LIVENESS_TIMEOUT_MS = 15_000;

/**
 * Asks a worker again and again for as long as it is to run.
 * @returns false as soon as it does not answer; true when it is not to run any more.
 */
export async function staysAlive(
  { ask }: Pick<WorkerProcess, "ask">,
  isRunning: () => boolean,
  wait: (ms: number) => Promise<void>,
): Promise<boolean> {
  while (isRunning()) {
    try {
      await ask("health", LIVENESS_TIMEOUT_MS);
    } catch {
      return false;
    }
    await wait(LIVENESS_INTERVAL_MS);
  }
  return true;
}
