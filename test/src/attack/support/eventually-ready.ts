import { setTimeout as delay } from "node:timers/promises";
import { calmFrom, type Sample } from "../samples.ts";
import type { Service } from "./service.ts";

const POLL_MS = 200;
const IN_TIME_MS = 500;

/** Waits until services are ready and messages flow in time. @throws when they do not. */
export async function eventuallyReady(
  services: readonly Service[],
  samples: (since: number) => Promise<readonly Sample[]>,
  withinMs: number,
): Promise<void> {
  const from = performance.timeOrigin + performance.now();
  const deadline = performance.now() + withinMs;
  while (performance.now() < deadline) {
    const ready = (await Promise.all(services.map((service) => service.isReady()))).every(Boolean);
    if (ready && calmFrom(await samples(from), IN_TIME_MS) !== null) return;
    await delay(POLL_MS);
  }
  throw new Error(`The services did not become ready within ${withinMs} ms, before any attack.`);
}
