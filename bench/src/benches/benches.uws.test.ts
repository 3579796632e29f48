import { describe, expect, it } from "vitest";
import { benches } from "./index.ts";

const options = {
  quick: true,
  testData: process.env["COMMCOIN_TEST_DATA"],
  connections: undefined,
  profile: undefined,
};

/** Those that count what must be the same in every size. */
const COUNTING = new Set(["frozen-clients", "reconnect-storm"]);

describe("benches", () => {
  it.each(Object.entries(benches))("%s runs in its smallest size", async (name, bench) => {
    const { verdicts, tables, notes } = await bench(options);
    for (const { rows, columns } of tables) {
      expect(rows.length).toBeGreaterThan(0);
      for (const row of rows) expect(row).toHaveLength(columns.length);
    }
    // Times mean nothing in this size; counts mean the same in any.
    expect(verdicts.filter(({ exact, kept }) => exact === true && !kept)).toEqual([]);
    expect(verdicts.some(({ exact }) => exact)).toBe(COUNTING.has(name));
    // Where nothing could be measured, it says why.
    expect(verdicts.length + notes.length).toBeGreaterThan(0);
  });
});
