import { beforeEach, describe, expect, it } from "vitest";
import { SILENT_MS, createStreamComparison, type StreamComparison } from "./stream-comparison.ts";

const ADDRESS = "address";
let time: number;
let slots: Record<string, number>;
let told: string[];
let comparison: StreamComparison;

beforeEach(() => {
  time = 0;
  slots = { a: 100, b: 100 };
  told = [];
  comparison = createStreamComparison({
    slotOf: (endpoint) => slots[endpoint] ?? null,
    onMissed: (source, endpoint) => told.push(`${endpoint} missed one of ${source}`),
    onLate: (endpoint, ms) => told.push(`${endpoint} ${ms} ms late`),
    onSilent: (endpoint, address) => told.push(`${endpoint} silent on ${address}`),
    silentMs: SILENT_MS,
    now: () => time,
  });
  comparison.live(ADDRESS, "a", true);
  comparison.live(ADDRESS, "b", true);
  time = 1;
});

const brought = (
  endpoint: string,
  signature: string,
  isNew: boolean,
  origin: "live" | "backfill" = "live",
): void =>
  comparison.brought(
    { signature, endpoint, origin, slot: 99, address: ADDRESS, err: null, source: "program", receivedAt: 0 },
    isNew,
  );

/** Lets seconds go by, in which the nodes announce slots. */
function sweep(times: number, progress: Record<string, number> = { a: 1, b: 1 }): void {
  for (let turn = 0; turn < times; turn += 1) {
    time += 1_000;
    for (const [endpoint, step] of Object.entries(progress)) slots[endpoint] = (slots[endpoint] ?? 0) + step;
    comparison.sweep();
  }
}

describe("the race of two nodes", () => {
  it("measures how much later the second one is", () => {
    brought("a", "s", true);
    time += 40;
    brought("b", "s", false);
    brought("b", "s", false);
    brought("a", "s", false);
    sweep(10);
    expect(told).toEqual(["b 40 ms late"]);
  });

  it("covers a node while believed ones are live for every address", () => {
    const covers = (...believed: readonly string[]): boolean =>
      comparison.isCovered("a", (endpoint) => believed.includes(endpoint));
    expect([covers("b"), covers("a"), covers()]).toEqual([true, false, false]);
    comparison.live("other address", "a", true);
    expect(covers("b")).toBe(false);
    comparison.live("other address", "c", true);
    expect([covers("b", "c"), covers("b")]).toEqual([true, false]);
    comparison.live(ADDRESS, "b", false);
    expect(covers("b", "c")).toBe(false);
  });

  it("says who never brought it, once, when the time to do so is over", () => {
    brought("a", "s", true);
    sweep(3);
    expect(told).toEqual([]);
    sweep(10);
    expect(told).toEqual(["b missed one of program"]);
  });

  it("gives a node that is behind the time to come there", () => {
    slots["b"] = 50;
    brought("a", "s", true);
    sweep(40);
    expect(told).toEqual([]);
    brought("b", "s", false);
    sweep(40);
    expect(told).toEqual(["b 40000 ms late"]);
  });

  it("counts nothing against a node that was not live all the time: it catches up", () => {
    brought("a", "s", true);
    comparison.live(ADDRESS, "b", false);
    time += 10;
    comparison.live(ADDRESS, "b", true);
    sweep(10);
    comparison.live(ADDRESS, "a", false);
    brought("b", "t", true);
    sweep(10);
    expect(told).toEqual([]);
  });

  it("counts what an audit found against all who were live, and what a catch-up found against the other", () => {
    comparison.found({ address: ADDRESS, source: "token" });
    expect(told).toEqual(["a missed one of token", "b missed one of token"]);
    brought("a", "s", true, "backfill");
    sweep(10);
    expect(told.slice(2)).toEqual(["b missed one of program"]);
    comparison.found({ address: "another", source: "token" });
    expect(told).toHaveLength(3);
  });

  it("tells of a subscription that brings nothing any more, and not of one that loses some", () => {
    for (let turn = 0; turn < 20; turn += 1) {
      brought("a", `s${turn}`, true);
      if (turn % 4 === 0) brought("b", `s${turn}`, false);
      sweep(1);
    }
    expect(told.filter((text) => text.includes("silent"))).toEqual([]);
    for (let turn = 0; turn < 25; turn += 1) {
      brought("a", `t${turn}`, true);
      sweep(1);
    }
    const silent = told.filter((text) => text.includes("silent"));
    expect(new Set(silent)).toEqual(new Set([`b silent on ${ADDRESS}`]));
    comparison.live(ADDRESS, "b", false);
    comparison.live(ADDRESS, "b", true);
    told = [];
    sweep(5);
    expect(told).toEqual([]);
  });

  it("holds so much undecided at most", () => {
    slots["b"] = 0;
    for (let turn = 0; turn < 50_010; turn += 1) brought("a", `s${turn}`, true);
    slots["b"] = 1_000;
    sweep(5);
    expect(told).toHaveLength(50_000);
  });
});
