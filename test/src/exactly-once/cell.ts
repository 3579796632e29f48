import { setTimeout as delay } from "node:timers/promises";
import { createRandom } from "@commcoin/localnet/random";
import { startAudience, type Audience } from "./audience.ts";
import type { Report } from "./audience-worker.ts";
import { deploy, type Deployment, type DeploymentKind, type Persistence } from "./deployments.ts";
import type { Fault, Size } from "./faults.ts";
import { createGateways, type Gateways } from "./gateways.ts";
import { isKept, type Verdict } from "./judge.ts";
import { createLoad, type Load } from "./load.ts";

export interface SceneOptions {
  readonly kind: DeploymentKind;
  readonly persistence: Persistence;
  readonly size: Size;
  readonly seed: number;
}

/** What one fault did to all clients. */
export interface CellResult {
  readonly fault: Fault;
  readonly clients: number;
  readonly published: number;
  readonly verdict: Verdict;
  /** Connections that clients made over the run. */
  readonly connections: number;
  /** From the moment on that nothing was broken any more, until the last client had what was published by then. */
  readonly recoveryMs: number;
  /** 99 of 100 clients were never longer without a message. */
  readonly gapP99Ms: number;
  readonly what: string;
  /** Why the promise was not kept; empty when it was. */
  readonly problems: readonly string[];
}

const GATEWAYS = 2;
const POLL_MS = 50;
/** Who has a message that was made this long after the fault is really back, and had not just got it before. */
const PROOF_AFTER_MS = 250;
/** Longer than any client's longest pause, and than any fail-over. */
const CATCH_UP_MS = 60_000;
/** What comes twice comes soon. */
const AFTERMATH_MS = 500;

const P99 = 0.99;
const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? 0;

/** The processes that a fault can be done to. */
export interface Scene {
  readonly redis: Deployment;
  readonly gateways: Gateways;
  readonly audience: Audience;
  readonly load: Load;
}

/** @returns how long it took until no client was behind, or null when some still are. */
async function untilCaughtUp(
  { audience }: Scene,
  newest: ReadonlyMap<string, number>,
): Promise<number | null> {
  const from = performance.now();
  while (performance.now() - from < CATCH_UP_MS) {
    if ((await audience.behind(newest)) === 0) return performance.now() - from;
    await delay(POLL_MS);
  }
  return null;
}

/** Lets new clients connect, publishes to them, does the fault, and counts. */
export async function runCell(fault: Fault, size: Size, scene: Scene): Promise<CellResult> {
  const { audience, gateways, load } = scene;
  await audience.open(gateways.ports(), fault.slow === true ? size.slowClients : 0);
  const publishedBefore = load.published;
  load.rate(size.rate);
  await delay(size.beforeMs);

  let recovery: Promise<number | null> | null = null;
  const recover = async (): Promise<number | null> => {
    await delay(PROOF_AFTER_MS);
    const waited = await untilCaughtUp(scene, load.newest());
    return waited === null ? null : PROOF_AFTER_MS + waited;
  };
  const healed = (): void => {
    recovery ??= recover();
  };
  const problems: string[] = [];
  let mayBeTold = fault.dataIsGone === true;
  const tookLong = (): void => {
    mayBeTold = true;
  };
  const what = await fault.strike({ ...scene, size, healed, tookLong }).catch((error: unknown) => {
    problems.push(error instanceof Error ? error.message : String(error));
    healed();
    return "failed";
  });
  const recoveryMs = await (recovery as Promise<number | null> | null);
  await delay(size.afterMs);
  load.rate(0);
  const settled = await Promise.race([
    load.settled().then(() => true),
    delay(CATCH_UP_MS, false, { ref: false }),
  ]);
  if (!settled) problems.push("the broker did not acknowledge everything");
  const behind = await untilCaughtUp(scene, load.newest());
  if (behind === null) problems.push("some clients never got the newest message");
  await delay(AFTERMATH_MS);
  const report = await audience.report(load.record.topics());
  return {
    fault,
    clients: audience.clients,
    published: load.published - publishedBefore,
    verdict: report.verdict,
    connections: report.connections,
    recoveryMs: recoveryMs ?? Number.POSITIVE_INFINITY,
    gapP99Ms: percentile(report.gaps, P99),
    what,
    problems: [
      ...problems,
      ...brokenPromises({ mustBeTold: fault.dataIsGone === true, mayBeTold }, report, load),
    ],
  };
}

function brokenPromises(
  { mustBeTold, mayBeTold }: { readonly mustBeTold: boolean; readonly mayBeTold: boolean },
  { verdict, errors }: Report,
  { record }: Load,
): readonly string[] {
  const broken = [...record.contradictions().slice(0, 3), ...errors];
  if (!isKept(verdict)) broken.push(...verdict.examples);
  if (verdict.told > 0 && !mayBeTold) {
    broken.push(`${verdict.told} times a client was told that messages are lost, and they were not`);
  }
  if (verdict.told === 0 && mustBeTold) broken.push("nobody was told that data is gone");
  if (verdict.delivered - verdict.duplicated + verdict.lost < verdict.expected - verdict.toldMessages) {
    broken.push("the figures do not add up");
  }
  return broken;
}

/** Starts the processes of a scene, and ends them whatever happens in between. */
export async function withScene<Result>(
  { kind, persistence, size, seed }: SceneOptions,
  play: (scene: Scene) => Promise<Result>,
): Promise<Result> {
  const putAways: (() => Promise<void>)[] = [];
  try {
    const redis = await deploy(kind, persistence);
    putAways.push(() => redis.stop());
    const gateways = createGateways({ redisUrl: redis.url, drainSeconds: size.drainSeconds });
    putAways.push(() => gateways.stop());
    const audience = await startAudience({ clients: size.clients, seed });
    putAways.push(() => audience.stop());
    const random = createRandom(String(seed));
    const load = createLoad({ url: redis.url, random: () => random.next() });
    putAways.push(() => load.stop());
    await Promise.all([...Array.from({ length: GATEWAYS }, () => gateways.start()), load.start()]);
    return await play({ redis, gateways, audience, load });
  } finally {
    for (const putAway of putAways.reverse()) await putAway();
  }
}
