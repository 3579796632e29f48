import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 20;

/**
 * Waits for something that comes about by itself; one that cannot be looked at yet is not there yet.
 * @param otherwise what is said when it does not.
 */
export async function until(
  condition: () => Promise<boolean>,
  { withinMs, otherwise }: { readonly withinMs: number; readonly otherwise: string },
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await condition().catch(() => false))) {
    if (performance.now() > deadline) throw new Error(otherwise);
    await delay(POLL_MS);
  }
}
