import { describe, expect, it } from "vitest";
import { editDistance, nearest } from "./nearest.ts";

describe("editDistance", () => {
  it.each([
    ["", "", 0],
    ["a", "", 1],
    ["", "abc", 3],
    ["REDIS_ULR", "REDIS_URL", 1],
    ["WEBSOCKT", "WEBSOCKET", 1],
    ["TOKENN", "TOKEN", 1],
    ["kitten", "sitting", 3],
    ["ab", "ba", 1],
  ])("of %j and %j is %d", (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
    expect(editDistance(b, a)).toBe(distance);
  });
});

describe("nearest", () => {
  it("weighs slips by the length of a name", () => {
    const names = ["WEBSOCKET_PORT", "WEBSOCKET_MAX_CONNECTIONS"];
    expect(nearest("WEBSOCKET_MAX_CONN", names)?.name).toBe("WEBSOCKET_MAX_CONNECTIONS");
    expect(nearest("anything", [])).toBeNull();
  });
});
