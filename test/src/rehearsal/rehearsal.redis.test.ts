import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { isInstalled as hasBalancer } from "../load-balancers/balancer.ts";
import { ALERTMANAGER } from "../monitoring/alertmanager.ts";
import { isInstalled } from "../monitoring/program.ts";
import { killAll } from "../support/service-process.ts";
import { installPrevious, isPreviousKnown } from "../upgrade/previous-release.ts";
import { FAULTS } from "./faults.ts";
import { rehearse } from "./rehearsal.ts";

const CURRENT = fileURLToPath(new URL("../../..", import.meta.url));
const isPossible =
  isPreviousKnown() && hasBalancer("nginx") && isInstalled("prometheus") && isInstalled(ALERTMANAGER);

describe.skipIf(!isPossible)("a deployment behind nginx", () => {
  afterAll(killAll);

  it("goes through restarts, an upgrade and a crash, and nobody loses or sees anything twice", async () => {
    const report = await rehearse({
      balancer: "nginx",
      gateways: ["gateway-1", "gateway-2"],
      roots: { previous: installPrevious(), current: CURRENT },
      faults: FAULTS.slice(0, 1),
      full: false,
      seed: "rehearsal behind nginx",
    });
    expect(report).toMatchObject({
      restless: null,
      comparison: {
        missing: [],
        duplicated: [],
        unexpected: [],
        outOfOrder: [],
        holes: [],
        wrongMarkets: [],
      },
      audience: { lost: 0, doubled: 0, renumbered: 0 },
    });
    // What else fires on a machine that runs other tests beside is no fault: `pnpm rehearsal` looks at that.
    expect(report.phases.flatMap(({ missing }) => missing)).toEqual([]);
    expect(new Set(report.codes)).toEqual(new Set([0]));
    expect(report.notified).toContain("ServiceDown");
    expect(report.audience.received).toBeGreaterThan(5_000);
  }, 420_000);
});
