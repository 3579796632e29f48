import { describe, expect, it } from "vitest";
import { createCredit } from "./credit.ts";

function setUp() {
  const told: string[] = [];
  let now = 0;
  const credit = createCredit({
    onChange: (endpoint, isDoubted) => void told.push(`${endpoint} ${isDoubted ? "doubted" : "believed"}`),
    now: () => now,
  });
  const times = (count: number, what: () => void): void => {
    for (let time = 0; time < count; time += 1) what();
  };
  return { credit, told, times, pass: (ms: number) => void (now += ms) };
}

describe("the credit of a node", () => {
  it("is lost by a flood of what nobody knows, and told once", () => {
    const { credit, told, times } = setUp();
    times(63, () => credit.unknown("a"));
    expect(credit.isDoubted("a")).toBe(false);
    times(10_000, () => credit.unknown("a"));
    credit.unknown("b");
    expect([credit.isDoubted("a"), credit.isDoubted("b")]).toEqual([true, false]);
    expect(told).toEqual(["a doubted"]);
  });

  it("comes back with a few that are there, however long the flood was", () => {
    const { credit, told, times } = setUp();
    times(10_000, () => credit.unknown("a"));
    expect(credit.isDoubted("a")).toBe(true);
    times(17, () => credit.found("a"));
    expect(told).toEqual(["a doubted", "a believed"]);
  });

  it("comes back when nothing was unknown for seconds, and not before", () => {
    const { credit, told, times, pass } = setUp();
    times(100, () => credit.unknown("a"));
    times(60, () => {
      pass(1_000);
      expect(credit.isDoubted("a")).toBe(true);
      credit.unknown("a");
    });
    pass(5_001);
    expect(credit.isDoubted("a")).toBe(false);
    times(63, () => credit.unknown("a"));
    expect(credit.isDoubted("a")).toBe(false);
    expect(told).toEqual(["a doubted", "a believed"]);
  });

  it("is not lost by an unknown one among many, or now and then", () => {
    const { credit, told, times, pass } = setUp();
    times(1_000, () => {
      credit.unknown("a");
      credit.unknown("a");
      credit.found("a");
    });
    times(1_000, () => {
      credit.unknown("b");
      pass(1_500);
    });
    expect(told).toEqual([]);
  });
});
