import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createAccountWatch } from "./account-watch.ts";

const GRACE_MS = 100;
const at = (slot: number) => (): number => slot;

describe("accounts that are wanted", () => {
  it("are followed from the slot of the moment on, which stays theirs", () => {
    const watch = createAccountWatch({ limit: 3, graceMs: GRACE_MS });
    expect(watch.update(["a"], 0, at(10)).follow).toEqual(new Map([["a", 10]]));
    expect(watch.update(["a", "b"], 1, at(20)).follow).toEqual(
      new Map([
        ["a", 10],
        ["b", 20],
      ]),
    );
  });

  it("are followed until nobody has wanted them for the time of grace", () => {
    const watch = createAccountWatch({ limit: 3, graceMs: GRACE_MS });
    watch.update(["a"], 0, at(1));
    expect(watch.update([], 1_000, at(2))).toMatchObject({ follow: new Map([["a", 1]]), unfollow: [] });
    watch.update(["a"], 1_050, at(2));
    watch.update([], 2_000, at(3));
    expect(watch.update([], 2_099, at(3)).unfollow).toEqual([]);
    expect(watch.update([], 2_100, at(3))).toEqual({ follow: new Map(), unfollow: ["a"], left: [] });
    expect(watch.update(["a"], 2_101, at(4)).follow).toEqual(new Map([["a", 4]]));
  });

  it("do not lose their grace to a time in which nobody could ask", () => {
    const watch = createAccountWatch({ limit: 3, graceMs: GRACE_MS });
    watch.update(["a"], 0, at(1));
    expect(watch.update([], 100 * GRACE_MS, at(2)).unfollow).toEqual([]);
  });

  it("take the place of those that nobody wants, the longest unwanted first, and are left when there is none", () => {
    const watch = createAccountWatch({ limit: 2, graceMs: GRACE_MS });
    watch.update(["a", "b"], 0, at(1));
    watch.update(["b"], 10, at(1));
    watch.update([], 20, at(1));
    expect(watch.update(["c"], 30, at(1))).toMatchObject({ unfollow: ["a"], left: [] });
    expect(watch.update(["c", "d", "e"], 40, at(1))).toMatchObject({ unfollow: ["b"], left: ["e"] });
    expect([...watch.update(["c", "d", "e"], 50, at(1)).follow.keys()]).toEqual(["c", "d"]);
  });

  it("are never more than the limit, and never left while there is room", () => {
    const step = fc.record({
      wanted: fc.uniqueArray(fc.constantFrom<string[]>("a", "b", "c", "d", "e")),
      ms: fc.nat(80),
    });
    fc.assert(
      fc.property(fc.array(step), fc.integer({ min: 1, max: 4 }), (steps, limit) => {
        const watch = createAccountWatch({ limit, graceMs: GRACE_MS });
        let now = 0;
        let before = new Set<string>();
        for (const { wanted, ms } of steps) {
          now += ms;
          const { follow, unfollow, left } = watch.update(wanted, now, at(1));
          expect(follow.size).toBeLessThanOrEqual(limit);
          expect(left.every((address) => wanted.includes(address) && !follow.has(address))).toBe(true);
          expect(wanted.every((address) => follow.has(address) || left.includes(address))).toBe(true);
          const idle = [...follow.keys()].filter((address) => !wanted.includes(address));
          expect(left.length === 0 || idle.length === 0).toBe(true);
          expect(unfollow.toSorted()).toEqual(
            [...before].filter((address) => !follow.has(address)).toSorted(),
          );
          before = new Set(follow.keys());
        }
      }),
    );
  });
});
