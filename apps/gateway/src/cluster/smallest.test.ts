import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { smallest } from "./smallest.ts";

const self = (text: string): string => text;

describe("smallest", () => {
  it("is what sorting would give, and tells whether there is more", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ maxLength: 3 })),
        fc.option(fc.string({ maxLength: 3 }), { nil: undefined }),
        fc.integer({ min: 1, max: 10 }),
        (keys, after, limit) => {
          const sorted = keys
            .toSorted((a, b) => (a < b ? -1 : 1))
            .filter((key) => after === undefined || key > after);
          expect(smallest(keys, self, { after, limit })).toEqual({
            entries: sorted.slice(0, limit),
            more: sorted.length > limit,
          });
        },
      ),
    );
  });
});
