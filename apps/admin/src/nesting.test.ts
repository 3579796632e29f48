import { describe, expect, it } from "vitest";
import { isNestedTooDeep, MAX_NESTING } from "./nesting.ts";

const nested = (levels: number): unknown => JSON.parse('{"a":['.repeat(levels / 2) + "]}".repeat(levels / 2));

describe("isNestedTooDeep", () => {
  it("draws the line after the deepest that is allowed", () => {
    expect(isNestedTooDeep(nested(MAX_NESTING))).toBe(false);
    expect(isNestedTooDeep([nested(MAX_NESTING)])).toBe(true);
  });

  it("copes with what would overflow the stack", () => {
    expect(isNestedTooDeep(nested(200_000))).toBe(true);
  });

  it.each([null, 1, "text", undefined, [], {}, [[], {}, null]])("lets %j pass", (value) => {
    expect(isNestedTooDeep(value)).toBe(false);
  });
});
