import { describe, expect, it } from "vitest";
import type { Attack, Size } from "./attack.ts";
import { ATTACKS } from "./attacks.ts";
import { runCampaign } from "./campaign.ts";
import { canReadVitals } from "./support/vitals.ts";

/** A fraction of the full run (`pnpm attack`), which is judged by what must hold on a busy machine too. */
const SMALL: Size = {
  count: (full) => Math.max(1, Math.ceil(full * 0.05)),
  ms: (full) => full * 0.25,
  judgesTime: false,
};
const QUIET_MS = 300;
const TIMEOUT_MS = 240_000;

/** Attacks that wait for limits of ten seconds and more take part in the full run only. */
const SMALL_RUN: ReadonlySet<string> = new Set([
  "clients/history-storm",
  "clients/replay-storm",
  "clients/topic-flood",
  "clients/malformed-frames",
  "clients/bad-queries",
  "clients/frame-flood",
  "clients/connection-churn",
  "clients/never-read",
  "clients/token-storm",
  "http/large-bodies",
  "http/token-guessing",
  "http/half-open-requests",
  "redis/full",
  "redis/cannot-save",
  "redis/read-only",
  "redis/no-replicas",
  "redis/killed",
  "nodes/answer-errors",
  "nodes/odd-ids",
  "nodes/odd-frames",
  "nodes/other-chain",
]);

const SCENES: readonly Attack["scene"][] = ["services", "tokens", "nodes"];

const chosen = (scene: Attack["scene"]): readonly Attack[] =>
  ATTACKS.filter((attack) => attack.scene === scene && SMALL_RUN.has(attack.name));

/** Which promises were not kept, by attack. */
async function problemsOf(attacks: readonly Attack[]): Promise<Readonly<Record<string, readonly string[]>>> {
  const results = await runCampaign(attacks, { seed: "small", size: SMALL, quietMs: QUIET_MS });
  return Object.fromEntries(
    results.map(({ name, tries, problems }) => [name, tries > 0 ? problems : ["nothing was tried"]]),
  );
}

const allKept = (attacks: readonly Attack[]): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(attacks.map(({ name }) => [name, []]));

describe.runIf(canReadVitals())("nothing that comes from outside takes a service down", () => {
  it("whose attacks are all of the full run", () => {
    expect(SCENES.flatMap(chosen)).toHaveLength(SMALL_RUN.size);
  });

  it.concurrent.each(SCENES)(
    "whatever is done to %s",
    async (scene) => {
      const attacks = chosen(scene);
      expect(await problemsOf(attacks)).toEqual(allKept(attacks));
    },
    TIMEOUT_MS,
  );
});
