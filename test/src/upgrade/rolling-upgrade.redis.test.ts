import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { killAll } from "../support/service-process.ts";
import type { MemberName } from "./members.ts";
import { installPrevious, isPreviousKnown, PREVIOUS } from "./previous-release.ts";
import { MEMBERS, runUpgrade, type Step } from "./upgrade-run.ts";

const CURRENT = fileURLToPath(new URL("../../..", import.meta.url));

const all = (to: Step["to"], members: readonly MemberName[] = MEMBERS): readonly Step[] =>
  members.map((member) => ({ member, to }));
const LISTENERS_FIRST: readonly MemberName[] = [
  "listener-1",
  "listener-2",
  "admin",
  "gateway-1",
  "gateway-2",
];

describe.skipIf(!isPreviousKnown())(`a cluster of release ${PREVIOUS.version}`, () => {
  let previous = "";
  beforeAll(() => {
    previous = installPrevious();
  }, 180_000);
  afterAll(killAll);

  it("is upgraded server by server, rolled back and upgraded again, and nobody loses or sees anything twice", async () => {
    const steps = [
      ...all("current"),
      ...all("previous", LISTENERS_FIRST),
      ...all("current", LISTENERS_FIRST),
    ];
    const report = await runUpgrade({ steps, roots: { previous, current: CURRENT }, seed: "upgrade" });
    const { comparison, audience } = report;
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
    expect(report.codes).toEqual(steps.map(() => 0));
    expect(comparison.expected).toBeGreaterThan(500);
    expect(report.notifications).toBeGreaterThan(50);
    expect(audience.received).toBeGreaterThan(5_000);
  }, 240_000);
});
