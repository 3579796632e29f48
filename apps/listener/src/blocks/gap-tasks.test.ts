import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { Gap } from "../model/gap.ts";
import { createGapTasks } from "./gap-tasks.ts";

const gap = fc
  .record({ address: fc.constantFrom("a", "b", "c"), from: fc.nat(30), length: fc.nat(12) })
  .map(({ address, from, length }): Gap => ({
    source: "program",
    origin: "audit",
    address,
    from,
    to: from + length,
  }));

it("proves of what an audit found only what was read from its beginning on", () => {
  const scenario = fc.array(
    fc.record({ gap, after: fc.nat(20), origin: fc.constantFrom("audit" as const, "backfill" as const) }),
    { minLength: 1, maxLength: 8 },
  );
  fc.assert(
    fc.property(scenario, (arrivals) => {
      const tasks = createGapTasks();
      const read = new Set<string>();
      const audited: Gap[] = [];
      const waiting = [...arrivals];
      let step = 0;
      const arrive = (): void => {
        step += 1;
        while (waiting[0] !== undefined && waiting[0].after <= step) {
          for (const { gap: each, origin } of waiting.splice(0, 1)) {
            // No audit is made of an address that has a gap of one.
            if (origin === "audit" && tasks.isAudited(each.address)) continue;
            tasks.add({ ...each, origin });
            if (origin === "audit") audited.push(each);
          }
        }
      };
      for (;;) {
        arrive();
        const range = tasks.beginPass();
        if (range === null) {
          if (waiting.length === 0) break;
          continue;
        }
        for (let slot = range.from; slot <= range.to; slot += 1) {
          for (const address of tasks.addressesOf(slot)) read.add(`${address} ${slot}`);
          arrive();
          for (const { address, origin, to } of tasks.passed(slot)) {
            if (origin !== "audit") continue;
            // The watermark of the address rises to `to`.
            for (const found of audited.filter((each) => each.address === address)) {
              for (let each = found.from; each <= Math.min(found.to, to); each += 1) {
                expect(read.has(`${address} ${each}`)).toBe(true);
              }
            }
          }
        }
      }
    }),
  );
});

it("reads every slot of every gap for its address, whenever gaps come, and in one pass where that is possible", () => {
  const scenario = fc.array(fc.record({ gap, after: fc.nat(20) }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(scenario, (arrivals) => {
      const tasks = createGapTasks();
      const read = new Set<string>();
      const proven = new Map<string, Set<number>>();
      let step = 0;
      let passes = 0;
      const waiting = [...arrivals];
      const arrive = (): void => {
        step += 1;
        while (waiting[0] !== undefined && waiting[0].after <= step)
          waiting.splice(0, 1).forEach((arrival) => tasks.add(arrival.gap));
      };
      for (;;) {
        arrive();
        const range = tasks.beginPass();
        if (range === null) {
          if (waiting.length === 0) break;
          continue;
        }
        passes += 1;
        for (let slot = range.from; slot <= range.to; slot += 1) {
          for (const address of tasks.addressesOf(slot)) read.add(`${address} ${slot}`);
          arrive();
          for (const { address, from, to } of tasks.passed(slot)) {
            for (let each = from; each <= to; each += 1) {
              proven.set(address, (proven.get(address) ?? new Set()).add(each));
            }
          }
        }
      }
      for (const { gap: each } of arrivals) {
        for (let slot = each.from; slot <= each.to; slot += 1) {
          expect(read.has(`${each.address} ${slot}`)).toBe(true);
          expect(proven.get(each.address)?.has(slot)).toBe(true);
        }
      }
      for (const [address, slots] of proven)
        for (const slot of slots) expect(read.has(`${address} ${slot}`)).toBe(true);
      const atOnce = arrivals.every(({ after }) => after <= 1);
      expect(passes).toBeLessThanOrEqual(atOnce ? 1 : arrivals.length * 2);
      expect([tasks.size, tasks.isAudited("a")]).toEqual([0, false]);
    }),
  );
});
