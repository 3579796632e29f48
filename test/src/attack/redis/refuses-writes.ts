import { setTimeout as delay } from "node:timers/promises";
import { REFUSALS, type Refusal } from "@commcoin/broker/testing";
import type { Outcome, ServicesAttack, Size } from "../attack.ts";
import type { Scene } from "../scene.ts";

const TOLD_WITHIN_MS = 5_000;
/** What the check itself may be late on a busy machine. */
const LATE_MS = 1_000;
const LATE_ON_A_BUSY_MACHINE_MS = 10_000;
const POLL_MS = 100;

/** Makes Redis refuse writes for a while; every service has to say within 5 s that it is not ready. */
async function refuseWrites(
  { redis, services }: Scene,
  size: Size,
  { word, begin, end }: Refusal,
): Promise<Outcome> {
  const deadlineMs = TOLD_WITHIN_MS + (size.judgesTime ? LATE_MS : LATE_ON_A_BUSY_MACHINE_MS);
  const from = performance.now();
  const toldAfter = new Map<string, number>();
  await begin(redis);
  try {
    while (performance.now() - from < deadlineMs && toldAfter.size < services.length) {
      for (const service of services) {
        if (!toldAfter.has(service.name) && !(await service.isReady())) {
          toldAfter.set(service.name, performance.now() - from);
        }
      }
      await delay(POLL_MS);
    }
  } finally {
    await end(redis);
  }
  const silent = services.filter(({ name }) => !toldAfter.has(name));
  return {
    tries: 1,
    what: `${word}: ${[...toldAfter].map(([name, ms]) => `${name} told it after ${(ms / 1_000).toFixed(1)} s`).join(", ")}`,
    problems: silent.map(
      ({ name }) => `${name} said that it is ready, for ${TOLD_WITHIN_MS / 1_000} s and longer`,
    ),
  };
}

const attack = (name: keyof typeof REFUSALS): ServicesAttack => ({
  name: `redis/${name}`,
  scene: "services",
  on: "gateway",
  strike: (scene, size) => refuseWrites(scene, size, REFUSALS[name]),
});

export const full = attack("full");
export const cannotSave = attack("cannot-save");
export const readOnly = attack("read-only");
export const noReplicas = attack("no-replicas");
