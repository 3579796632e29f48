import { setTimeout as delay } from "node:timers/promises";
import type { Attack, Outcome, Size } from "./attack.ts";
import { findProblems } from "./judge.ts";
import type { AttackResult } from "./result.ts";
import { calmFrom, p99Of, type Sample } from "./samples.ts";
import type { Scene } from "./scene.ts";
import type { Service } from "./support/service.ts";
import { isBackTo, readVitals, resetPeak, type Vitals } from "./support/vitals.ts";
import type { Account } from "./support/witness-worker.ts";

export interface RunOptions {
  readonly size: Size;
  /** How long the stream is watched before the attack. */
  readonly quietMs: number;
}

const POLL_MS = 100;
/** Longer than anything that waits, backs off or is put away after an attack. */
const NORMAL_WITHIN_MS = 30_000;
const SETTLED_WITHIN_MS = 20_000;
/** What a message may take when nothing is wrong. */
const IN_TIME_MS = 250;
const COLLECT_MS = 150;
const MAX_COLLECTIONS = 10;
/** A collection that frees less than this was the last one that is worth it. */
const STABLE_SHARE = 0.99;

const now = (): number => performance.timeOrigin + performance.now();

const collect = async ({ pid }: Service): Promise<Vitals> => {
  process.kill(pid, "SIGUSR2");
  await delay(COLLECT_MS);
  return readVitals(pid);
};

/** What a service holds when all garbage is gone: pages go back to the system over several collections. */
async function collected(service: Service): Promise<Vitals> {
  let vitals = await collect(service);
  for (let round = 1; round < MAX_COLLECTIONS; round += 1) {
    const { rssBytes } = vitals;
    vitals = await collect(service);
    if (round > 1 && vitals.rssBytes > rssBytes * STABLE_SHARE) break;
  }
  return vitals;
}

/** Waits until nothing of the attack is left in a service. @returns what it holds then, or at the end of patience. */
async function settled(service: Service, before: Vitals): Promise<Vitals> {
  const deadline = performance.now() + SETTLED_WITHIN_MS;
  for (;;) {
    const after = await collected(service);
    if (isBackTo(before, after) || performance.now() > deadline) return after;
    await delay(POLL_MS);
  }
}

/** Where the messages of a scene can be asked for. */
export type Samples = (since: number) => Promise<readonly Sample[]>;

/** @returns milliseconds until all is as it was, or null when it does not become so. */
async function untilNormal(
  { services }: Scene,
  samples: Samples,
  limitMs: number,
  from: number,
): Promise<number | null> {
  const deadline = from + NORMAL_WITHIN_MS;
  let readyAt: number | null = null;
  while (now() < deadline) {
    const ready = (await Promise.all(services.map((service) => service.isReady()))).every(Boolean);
    readyAt = ready ? (readyAt ?? now()) : null;
    const calmAt = calmFrom(await samples(from), limitMs);
    if (readyAt !== null && calmAt !== null) return Math.max(readyAt, calmAt) - from;
    await delay(POLL_MS);
  }
  return null;
}

/** Waits for messages that are still under way. */
async function delivered(samples: Samples, from: number, to: number): Promise<readonly Sample[]> {
  const deadline = performance.now() + SETTLED_WITHIN_MS;
  for (;;) {
    const mine = (await samples(from)).filter(({ at }) => at <= to);
    if (mine.every(({ ageMs }) => ageMs !== null) || performance.now() > deadline) return mine;
    await delay(POLL_MS);
  }
}

const strike = (attack: Attack, scene: Scene, size: Size): Promise<Outcome> =>
  attack
    .strike(scene as never, size)
    .catch((error: unknown) => ({ tries: 0, what: "failed", problems: [String(error)] }));

/** What the healthy client was told during the attack. */
const since = (before: Account, after: Account): Account => ({
  connections: after.connections - before.connections,
  duplicates: after.duplicates - before.duplicates,
  toldLost: after.toldLost - before.toldLost,
  closeCodes: after.closeCodes.slice(before.closeCodes.length),
  errors: after.errors.slice(before.errors.length),
});

/** Watches the scene, does the attack, waits until all is as it was, and tells the difference. */
export async function runAttack(
  attack: Attack,
  scene: Scene,
  samples: Samples,
  { size, quietMs }: RunOptions,
): Promise<AttackResult> {
  const attacked = scene.services.find(({ name }) => name === attack.on);
  if (attacked === undefined) throw new Error(`There is no ${attack.on} in the scene of ${attack.name}.`);
  const exitsBefore = scene.services.map(({ exits }) => exits.length);
  const linesBefore = attacked.logged().length;
  const errorsBefore = attacked.errors().length;
  const accountBefore = await scene.witness.call("account");

  const before = await collected(attacked);
  const quietFrom = now();
  await delay(quietMs);
  const quietP99Ms = p99Of(await samples(quietFrom));
  await resetPeak(attacked.pid);

  const struckAt = now();
  const outcome = await strike(attack, scene, size);
  const healedAt = now();
  const inTimeMs = IN_TIME_MS + quietP99Ms;
  const normalMs = await untilNormal(scene, samples, inTimeMs, healedAt);
  const normalAt = healedAt + (normalMs ?? NORMAL_WITHIN_MS);
  const { peakBytes } = await readVitals(attacked.pid);
  const mine = await delivered(samples, struckAt, normalAt);
  const after = await settled(attacked, before);
  const account = since(accountBefore, await scene.witness.call("account"));

  const measured = {
    name: attack.name,
    tries: outcome.tries,
    exits: scene.services.flatMap(({ exits }, index) => exits.slice(exitsBefore[index])),
    before,
    peakBytes,
    after,
    lost: mine.filter(({ ageMs }) => ageMs === null).length,
    quietP99Ms,
    p99Ms: p99Of(mine),
    maxMs: mine.reduce((max, { latencyMs }) => Math.max(max, latencyMs ?? 0), 0),
    normalMs,
    logLines: attacked.logged().length - linesBefore,
    what: outcome.what,
  };
  const problems = findProblems(measured, {
    account,
    warnings: attacked.errors().slice(errorsBefore),
    judgeLatency: size.judgesTime,
    limitMs: inTimeMs + (attack.mayTakeMs ?? 0),
    dataMayBeLost: attack.dataMayBeLost === true,
  });
  return { ...measured, problems: [...(outcome.problems ?? []), ...problems] };
}
