import { eventually } from "@commcoin/tsconfig/eventually";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ALERTMANAGER } from "./alertmanager.ts";
import { FAULTS } from "./faults.ts";
import { plantFault } from "./plant-fault.ts";
import { isInstalled } from "./program.ts";
import { formatFaults, isSound } from "./report.ts";
import { alertRules, recordingRules } from "./rules.ts";
import { groupingsOf, selectorsOf } from "./selectors.ts";
import { showEverything } from "./show-everything.ts";
import { startStage, type Stage } from "./stage.ts";

/** Those that are over soon; `pnpm alerts` plants all of them. */
const SMALL_RUN = ["ClientsRefused", "NodeStandsStill", "HeartbeatFails", "ServiceDown", "WorkerDies"];
const chosen = SMALL_RUN.flatMap((alert) => FAULTS.filter(({ alerts }) => alerts.includes(alert)));
/** A busy machine takes minutes for what takes seconds. */
const TIMEOUT_MS = 300_000;
const START_TIMEOUT_MS = 240_000;

it("knows a fault for every alert, and no other", () => {
  expect(FAULTS.flatMap(({ alerts }) => alerts).toSorted()).toEqual(
    alertRules.map(({ alert }) => alert).toSorted(),
  );
});

describe.skipIf(!isInstalled("prometheus") || !isInstalled(ALERTMANAGER))(
  "a cluster under load, watched by Prometheus",
  { timeout: TIMEOUT_MS },
  () => {
    let stage: Stage;
    beforeAll(async () => {
      stage = await startStage();
    }, START_TIMEOUT_MS);
    afterAll(() => stage.stop());

    it("shows something in every line of every panel", async () => {
      const { values, empty } = await showEverything(stage);
      expect(empty).toEqual([]);
      expect(values.length).toBeGreaterThan(100);
    });

    it("has every series that a rule reads, with the labels by which it tells them apart", async () => {
      const to = Date.now() / 1_000;
      for (const { expr, ...rule } of [...alertRules, ...recordingRules]) {
        const shown = "annotations" in rule ? rule.annotations.summary : "";
        const named = [...shown.matchAll(/\$labels\.(\w+)/g)].map(([, label = ""]) => label);
        const grouped = groupingsOf(expr);
        for (const selector of selectorsOf(expr)) {
          const series = await stage.prometheus.range(selector, to - 60, to, 2);
          expect([expr, selector, series.length]).not.toEqual([expr, selector, 0]);
          const labels = new Set(series.flatMap((each) => Object.keys(each.labels)));
          expect([...labels], `${expr}: ${selector}`).toEqual(expect.arrayContaining([...grouped]));
          // What is grouped has no other labels than those.
          const kept = /\bby\b/.test(expr) ? grouped : [...labels];
          expect(kept, expr).toEqual(expect.arrayContaining(named));
        }
      }
    });

    it.each(chosen)("tells that $name", async (fault) => {
      const planted = await plantFault(fault, stage);
      expect(isSound(planted), formatFaults([planted])).toBe(true);
    });

    it("wakes somebody for what is critical, and nobody for the rest", async () => {
      const told = (receiver: string): ReadonlySet<string | undefined> =>
        new Set(
          stage.alertmanager.notices
            .filter((notice) => notice.receiver === receiver)
            .flatMap(({ alerts }) => alerts.map(({ labels }) => labels.alertname)),
        );
      await eventually(() => expect(told("wake-somebody")).toContain("ServiceDown"));
      await eventually(() => expect(told("look-in-the-morning")).toContain("WorkerDies"));
      const critical = alertRules.flatMap(({ alert, labels }) =>
        labels.severity === "critical" ? alert : [],
      );
      expect(critical).toEqual(expect.arrayContaining([...told("wake-somebody")]));
    });
  },
);
