import { describe, expect, it } from "vitest";
import { formatDecimal, formatDuration, formatPercent, shorten } from "./format.ts";

describe("decimal numbers", () => {
  it.each([
    ["0", "0"],
    ["1000", "1,000"],
    ["1234567890", "1,234,567,890"],
    ["1234567.891234", "1,234,567.9"],
    ["0.000000034", "0.000000034"],
    ["0.00000003412345678901", "0.000000034123457"],
    ["99999999.95", "100,000,000"],
    ["0.999999999", "1"],
    ["12345678.5", "12,345,679"],
    ["48.20", "48.2"],
    ["-1234.5", "-1,234.5"],
    ["-0.0", "0"],
    ["007", "7"],
    ["123456789012345678901234567890", "123,456,789,012,345,678,901,234,567,890"],
    ["n/a", "n/a"],
    [1e21, "1,000,000,000,000,000,000,000"],
    [0.00000012, "0.00000012"],
    [Number.NaN, "–"],
  ])("%s is shown as %s", (value, shown) => {
    expect(formatDecimal(value)).toBe(shown);
  });

  it("round to fewer digits where so wanted", () => {
    expect(formatDecimal("1234.5678", 3)).toBe("1,235");
    expect(formatDecimal("0.0012345", 2)).toBe("0.0012");
  });
});

it.each([
  ["12.5", "+12.50 %"],
  ["-0.001", "0.00 %"],
  ["-1234.567", "-1,234.57 %"],
  ["x", "x"],
])("%s percent are shown as %s", (value, shown) => {
  expect(formatPercent(value)).toBe(shown);
});

it.each([
  [12, "12 ms"],
  [1_999, "1 s"],
  [61_000, "1 min 1 s"],
  [7_500_000, "2 h 5 min"],
  [7_200_000, "2 h"],
  [90_000_000, "1 d 1 h"],
])("%i ms are shown as %s", (ms, shown) => {
  expect(formatDuration(ms)).toBe(shown);
});

it("addresses are shown by their ends", () => {
  expect(shorten("8gCXKcBfs4XtVgQ2LxAxYqkW6E4zZq6fDqmC7zvHpump")).toBe("8gCX…pump");
  expect(shorten("short")).toBe("short");
});
