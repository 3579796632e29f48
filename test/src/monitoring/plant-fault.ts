import { setTimeout as delay } from "node:timers/promises";
import type { Fault } from "./fault.ts";
import type { Stage } from "./stage.ts";

const POLL_MS = 500;
/** RequestsWait fires for what waited for half a minute, DeliveriesInDoubt for a connection that was silent for as long. */
const FIRES_WITHIN_MS = 75_000;
const CALM_WITHIN_MS = 90_000;

export interface PlantedFault {
  readonly fault: string;
  /** Milliseconds from the fault until each alert fired; null where it did not. */
  readonly firedAfterMs: ReadonlyMap<string, number | null>;
  /** What else fired meanwhile. */
  readonly beside: readonly string[];
  /** What was wrong with the stage before or afterwards. */
  readonly problems: readonly string[];
}

/** Waits for something; false when it did not come in time. */
async function within(ms: number, holds: () => Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + ms;
  while (!(await holds())) {
    if (performance.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}

/** Makes something go wrong, waits until every alert of it fires, and makes it well again. */
export async function plantFault(fault: Fault, stage: Stage): Promise<PlantedFault> {
  const { prometheus, members } = stage;
  const problems: string[] = [];
  const firing = async (): Promise<ReadonlySet<string>> =>
    new Set((await prometheus.firing()).map(({ alert }) => alert));
  const isCalm = async (): Promise<boolean> => {
    const now = await firing();
    return !fault.alerts.some((alert) => now.has(alert));
  };
  if (!(await within(CALM_WITHIN_MS, isCalm))) problems.push("it fired before");

  const from = performance.now();
  const end = await fault.plant(stage);
  const firedAfterMs = new Map<string, number | null>(fault.alerts.map((alert) => [alert, null]));
  const beside = new Set<string>();
  try {
    await within(FIRES_WITHIN_MS, async () => {
      for (const alert of await firing()) {
        if (!firedAfterMs.has(alert)) beside.add(alert);
        else firedAfterMs.set(alert, firedAfterMs.get(alert) ?? performance.now() - from);
      }
      return [...firedAfterMs.values()].every((ms) => ms !== null);
    });
  } finally {
    await end();
  }
  const areReady = async (): Promise<boolean> =>
    (await Promise.all(members.map((member) => member.isReady()))).every(Boolean);
  if (!(await within(CALM_WITHIN_MS, areReady))) problems.push("not every service is ready afterwards");
  return { fault: fault.name, firedAfterMs, beside: [...beside].toSorted(), problems };
}
