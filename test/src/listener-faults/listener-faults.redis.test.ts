import { describe, expect, it } from "vitest";
import { runListenerFaults, type FaultRunOptions } from "./fault-run.ts";
import { formatReport, isSound } from "./report.ts";

const RUN: FaultRunOptions = {
  seed: "7",
  transactions: 1_500,
  perSlot: 12,
  nodeEvery: 3,
  processEvery: 30,
  leaseSeconds: 1,
  audit: true,
};

describe(
  "three listeners on two endpoints, while everything goes wrong that can",
  { timeout: 180_000 },
  () => {
    it("publish what happened, all of it, once, in order", async () => {
      const report = await runListenerFaults(RUN);
      expect(isSound(report), formatReport(report)).toBe(true);
      const troubles = [...report.troubles.keys()];
      expect(troubles).toEqual(expect.arrayContaining(["leader killed", "leader paused", "last blackout"]));
      expect(report.takeovers.length, formatReport(report)).toBeGreaterThan(0);
      expect(report.origins.audit).toBeGreaterThan(0);
    });

    it("do not without the audit", async () => {
      // A takeover lists what a blackout hid: none may come from a machine that stalls.
      const report = await runListenerFaults({ ...RUN, transactions: 600, leaseSeconds: 30, audit: false });
      expect(report.missing.length, formatReport(report)).toBeGreaterThan(0);
      expect(isSound(report)).toBe(false);
    });
  },
);
