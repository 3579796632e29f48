import { describe, expect, it, vi } from "vitest";
import { runCell, withScene, type SceneOptions } from "./cell.ts";
import { FAULTS, type Fault, type Size } from "./faults.ts";

/** The same faults as in the full run (`pnpm matrix`), with fewer clients and less time around them. */
const SMALL: Size = {
  clients: 30,
  rate: 200,
  slowClients: 2,
  slowedBy: 150,
  beforeMs: 300,
  afterMs: 300,
  // Longer than a command waits for its answer.
  pauseMs: 6_000,
  drainSeconds: 1,
  flood: 300,
};
const TIMEOUT_MS = 240_000;

// Each scene is a dozen processes.
vi.setConfig({ maxConcurrency: 2 });

/** Faults that follow each other on the same servers, and so get gateways that have seen something. */
const SCENES: readonly (Pick<SceneOptions, "kind" | "persistence"> & {
  readonly faults: readonly string[];
})[] = [
  {
    kind: "single",
    persistence: "log",
    faults: [
      "gateway-killed",
      "gateway-drained",
      "redis-restarted-with-log",
      "output-buffer-cut",
      "redis-restarted-empty",
    ],
  },
  {
    kind: "single",
    persistence: "snapshot",
    faults: [
      "subscriber-cut",
      "reconnect-storm",
      "redis-restarted-with-snapshot",
      "client-frozen",
      "redis-paused",
    ],
  },
  { kind: "sentinel", persistence: "none", faults: ["sentinel-failover"] },
  { kind: "sentinel", persistence: "none", faults: ["sentinel-failover-unreplicated"] },
  { kind: "cluster", persistence: "none", faults: ["cluster-master-killed"] },
];

const faultNamed = (name: string): Fault => {
  const fault = FAULTS.find((each) => each.name === name);
  if (fault === undefined) throw new Error(`There is no fault ${name}.`);
  return fault;
};

describe("every client gets every message once and in order, or is told that data is gone", () => {
  it("through every fault of the full run", () => {
    expect(SCENES.flatMap(({ faults }) => faults).sort()).toEqual(FAULTS.map(({ name }) => name).sort());
  });

  it.concurrent.each(SCENES)(
    "$kind: $faults",
    async ({ faults, ...options }) => {
      await withScene({ ...options, size: SMALL, seed: 1 }, async (scene) => {
        for (const name of faults) {
          const { problems, verdict } = await runCell(faultNamed(name), SMALL, scene);
          expect({ name, problems }).toEqual({ name, problems: [] });
          expect(verdict.delivered).toBeGreaterThan(SMALL.clients);
        }
      });
    },
    TIMEOUT_MS,
  );
});
