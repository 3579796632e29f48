import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPriorityLine } from "./priority-line.ts";
import { REQUEST_CLASSES, type RequestClass } from "./request-class.ts";

describe("line of requests by class", () => {
  it("takes the most urgent first, within a class in the order of arrival", () => {
    const line = createPriorityLine<string>();
    const kinds: RequestClass[] = ["finality", "audit", "live", "catch_up", "live", "audit"];
    for (const [at, kind] of kinds.entries()) line.push(kind, `${kind} ${at}`, at);
    const taken = kinds.map(() => line.take());
    expect(taken).toEqual(["live 2", "live 4", "catch_up 3", "audit 1", "audit 5", "finality 0"]);
    expect(line.take()).toBeNull();
  });

  it("passes over classes that are closed, and forgets who left", () => {
    const line = createPriorityLine<string>();
    const leave = line.push("audit", "gone", 0);
    line.push("audit", "stays", 1);
    line.push("finality", "last", 2);
    leave();
    expect(line.take((kind) => kind === "finality")).toBe("last");
    expect(line.waiting("audit", 5)).toEqual({ count: 1, oldestMs: 4 });
    expect([line.take(), line.size]).toEqual(["stays", 0]);
    leave();
    expect(line.size).toBe(0);
  });

  it("lets no class wait for ever, and gives live requests seven turns of eight", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...REQUEST_CLASSES), { maxLength: 60 }), (waiting) => {
        const line = createPriorityLine<RequestClass>();
        for (const [at, kind] of waiting.entries()) line.push(kind, kind, at);
        const others = waiting.filter((kind) => kind !== "live").length;
        const taken: RequestClass[] = [];
        // Live requests come without end.
        for (let turn = 0; turn < 8 * others; turn += 1) {
          line.push("live", "live", 1_000 + turn);
          taken.push(line.take() ?? "live");
        }
        expect(taken.filter((kind) => kind !== "live")).toHaveLength(others);
        const first = taken.slice(0, 7);
        expect(first.every((kind) => kind === "live")).toBe(true);
      }),
    );
  });
});
