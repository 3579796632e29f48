import { describe, expect, it } from "vitest";
import { slotOf } from "./slot.ts";

describe("slotOf", () => {
  // Computed by redis-server 7.0.15 (CLUSTER KEYSLOT); the first is the check value of the specification.
  it.each([
    ["123456789", 12_739],
    ["", 0],
    ["foo", 12_182],
    ["{foo}:meta", 12_182],
    ["commcoin:{foo}:id:an {id}", 12_182],
    ["{}foo", 9_500],
    ["{foo", 13_308],
  ])("puts %j where Redis does", (key, slot) => {
    expect(slotOf(key)).toBe(slot);
  });
});
