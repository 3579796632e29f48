import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createUnfinishedSlots } from "./unfinished-slots.ts";
import { createWatermarks } from "./watermarks.ts";

describe("watermarks", () => {
  it("rise to what was listed and published, address by address", () => {
    const watermarks = createWatermarks();
    watermarks.begin("a", 10);
    watermarks.begin("b", 20);
    watermarks.listed("a", 30);
    watermarks.settle(null);
    expect([watermarks.of("a"), watermarks.of("b"), watermarks.lowest]).toEqual([30, 20, 20]);
    watermarks.listed("b", 50);
    watermarks.settle(41);
    expect([watermarks.of("a"), watermarks.of("b")]).toEqual([30, 40]);
    watermarks.begin("a", 5);
    expect(watermarks.of("a")).toBe(30);
    watermarks.keep(new Set(["b"]));
    expect([watermarks.of("a"), watermarks.lowest]).toEqual([-1, 40]);
  });

  it("never pass a transaction that was not acknowledged, and never fall", () => {
    /** A chain of slots, one transaction each, that is listed in rounds and acknowledged in any order. */
    const step = fc.oneof(
      fc.record({ do: fc.constant("list" as const), count: fc.integer({ min: 1, max: 5 }) }),
      fc.record({ do: fc.constant("acknowledge" as const), which: fc.nat() }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const watermarks = createWatermarks();
        const unfinished = createUnfinishedSlots();
        watermarks.begin("a", -1);
        const open = new Set<number>();
        let listed = -1;
        let before = -1;
        for (const action of steps) {
          if (action.do === "list") {
            for (let n = 0; n < action.count; n += 1) {
              listed += 1;
              open.add(listed);
              unfinished.begin(listed);
            }
            watermarks.listed("a", listed);
          } else {
            const slot = [...open][action.which % Math.max(1, open.size)];
            if (slot === undefined) continue;
            open.delete(slot);
            unfinished.end(slot);
          }
          watermarks.settle(unfinished.oldest);
          const watermark = watermarks.of("a");
          expect([...open].filter((slot) => slot <= watermark)).toEqual([]);
          expect(watermark).toBe(Math.max(before, open.size === 0 ? listed : Math.min(...open) - 1));
          before = watermark;
        }
      }),
    );
  });
});
