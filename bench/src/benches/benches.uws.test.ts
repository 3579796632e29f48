import { describe, expect, it } from "vitest";
import { benches } from "./index.ts";

const options = {
  quick: true,
  testData: process.env["COMMCOIN_TEST_DATA"],
  connections: undefined,
  profile: undefined,
};

describe("benches", () => {
  it.each(Object.entries(benches))("%s runs in its smallest size", async (_, bench) => {
    const { verdicts, tables, notes } = await bench(options);
    for (const { rows, columns } of tables) {
      expect(rows.length).toBeGreaterThan(0);
      for (const row of rows) expect(row).toHaveLength(columns.length);
    }
    // Times mean nothing in this size, but nobody may lose anything in any.
    expect(verdicts.filter(({ budget, kept }) => budget.startsWith("0 ") && !kept)).toEqual([]);
    // Where nothing could be measured, it says why.
    expect(verdicts.length + notes.length).toBeGreaterThan(0);
  });
});
