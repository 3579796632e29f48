import { setTimeout as delay } from "node:timers/promises";
import { askRedis } from "@commcoin/broker/testing";
import type { Outcome, ServicesAttack, Size } from "../attack.ts";
import type { Scene } from "../scene.ts";

const TOLD_WITHIN_MS = 5_000;
/** What the check itself may be late on a busy machine. */
const LATE_MS = 1_000;
const LATE_ON_A_BUSY_MACHINE_MS = 10_000;
const POLL_MS = 100;

interface Refusing {
  readonly begin: (ask: Ask) => Promise<unknown>;
  readonly end: (ask: Ask) => Promise<unknown>;
}
type Ask = (command: string, ...args: readonly (string | number)[]) => Promise<unknown>;

/** Makes Redis refuse writes for a while; every service has to say within 5 s that it is not ready. */
async function refuseWrites(
  { redis, services }: Scene,
  size: Size,
  { begin, end }: Refusing,
): Promise<Outcome> {
  const ask: Ask = (command, ...args) => askRedis(redis, command, ...args);
  const deadlineMs = TOLD_WITHIN_MS + (size.judgesTime ? LATE_MS : LATE_ON_A_BUSY_MACHINE_MS);
  const from = performance.now();
  const toldAfter = new Map<string, number>();
  await begin(ask);
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
    await end(ask);
  }
  const silent = services.filter(({ name }) => !toldAfter.has(name));
  return {
    tries: 1,
    what: [...toldAfter].map(([name, ms]) => `${name} told it after ${(ms / 1_000).toFixed(1)} s`).join(", "),
    problems: silent.map(
      ({ name }) => `${name} said that it is ready, for ${TOLD_WITHIN_MS / 1_000} s and longer`,
    ),
  };
}

const attack = (name: string, refusing: Refusing): ServicesAttack => ({
  name: `redis/${name}`,
  scene: "services",
  on: "gateway",
  strike: (scene, size) => refuseWrites(scene, size, refusing),
});

/** OOM: Redis has as much as it may have, and evicts nothing. */
export const full = attack("full", {
  async begin(ask) {
    await ask("CONFIG", "SET", "maxmemory-policy", "noeviction");
    await ask("CONFIG", "SET", "maxmemory", 1);
  },
  end: (ask) => ask("CONFIG", "SET", "maxmemory", 0),
});

/** READONLY: Redis has become a replica, of a master that nobody reaches. */
export const readOnly = attack("read-only", {
  begin: (ask) => ask("REPLICAOF", "127.0.0.1", 1),
  end: (ask) => ask("REPLICAOF", "NO", "ONE"),
});

/** NOREPLICAS: fewer replicas than it was told to have. */
export const noReplicas = attack("no-replicas", {
  begin: (ask) => ask("CONFIG", "SET", "min-replicas-to-write", 1),
  end: (ask) => ask("CONFIG", "SET", "min-replicas-to-write", 0),
});
