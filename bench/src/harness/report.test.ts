import { describe, expect, it } from "vitest";
import { formatCell, formatTable } from "./report.ts";

describe("report", () => {
  it("shows three digits, and whole numbers whole", () => {
    expect([0.012_345, 12.345, 12_345.6, 100_000, Number.NaN].map(formatCell)).toEqual([
      "0.0123",
      "12.3",
      "12,346",
      "100,000",
      "–",
    ]);
  });

  it("aligns a table", () => {
    const table = formatTable({
      columns: ["subscribers", "ratio"],
      rows: [
        [10, 0.5],
        ["many", 1],
      ],
    });
    expect(table).toBe(
      [
        "| subscribers | ratio |",
        "| ----------- | ----: |",
        "| 10          | 0.500 |",
        "| many        |     1 |",
      ].join("\n"),
    );
  });
});
