import { describe, expect, it } from "vitest";
import { median, quantile, sum } from "./statistics.ts";

describe("statistics", () => {
  it("orders numbers as numbers", () => {
    expect(median([10, 9, 100])).toBe(10);
  });

  it("finds the edge of the slowest hundredth", () => {
    expect(
      quantile(
        Array.from({ length: 1_000 }, (_, n) => n + 1),
        0.99,
      ),
    ).toBe(991);
    expect(quantile([7], 0.99)).toBe(7);
    expect(quantile([1, 2], 1)).toBe(2);
  });

  it("has no answer for nothing", () => {
    expect(median([])).toBeNaN();
    expect(sum([])).toBe(0);
  });
});
