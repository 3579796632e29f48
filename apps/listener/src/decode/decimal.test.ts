import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { divideRounded, formatRatio, formatSol, formatUnits, parseUnits } from "./decimal.ts";

describe("decimal", () => {
  it.each([
    [0n, 6, "0"],
    [1_500_000n, 6, "1.5"],
    [1n, 9, "0.000000001"],
    [-1n, 2, "-0.01"],
    [1_200n, 0, "1200"],
    [18_446_744_073_709_551_615n, 6, "18446744073709.551615"],
  ])("writes %s / 10^%i as %s", (value, scale, text) => {
    expect(formatUnits(value, scale)).toBe(text);
    expect(parseUnits(text, scale)).toBe(value);
  });

  it("reads back every number it writes", () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.nat({ max: 40 }), (value, scale) => {
        expect(parseUnits(formatUnits(value, scale), scale)).toBe(value);
      }),
    );
  });

  it("writes lamports as SOL", () => {
    expect(formatSol(29_916_123_000n)).toBe("29.916123");
  });

  it.each([
    [5n, 10n, 1n],
    [4n, 10n, 0n],
    [-5n, 10n, -1n],
    [-4n, 10n, 0n],
  ])("rounds %s / %s to %s", (numerator, denominator, rounded) => {
    expect(divideRounded(numerator, denominator)).toBe(rounded);
  });

  it.each([
    [1n, 3n, 5, "0.33333"],
    [2n, 3n, 5, "0.66667"],
    [29_916_123_000n, 10n ** 18n, 18, "0.000000029916123"],
    [999_999n, 1n, 3, "1000000"],
    [99_999n, 100_000n, 3, "1"],
    [123_456n, 1n, 2, "120000"],
    [1n, 8n, 18, "0.125"],
    [0n, 8n, 18, "0"],
  ])("writes %s / %s with %i significant digits as %s", (numerator, denominator, significant, text) => {
    expect(formatRatio(numerator, denominator, significant)).toBe(text);
  });

  it("is off by at most half a unit of its last significant digit", () => {
    const u64 = fc.bigInt({ min: 1n, max: 2n ** 64n - 1n });
    fc.assert(
      fc.property(u64, u64, (numerator, denominator) => {
        const scaled = parseUnits(formatRatio(numerator, denominator, 18), 60);
        const error = scaled * denominator - numerator * 10n ** 60n;
        expect((error < 0n ? -error : error) * 2n * 10n ** 17n <= numerator * 10n ** 60n).toBe(true);
      }),
    );
  });
});
