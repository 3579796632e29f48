import { describe, expect, it } from "vitest";
import { readDropped } from "./dropped.ts";

const HOUR_MS = 3_600_000;

describe("dropped transactions", () => {
  it("tell the first landing from those after a drop, by their slots", () => {
    const none = readDropped(undefined);
    const dropped = none.with("a", 0);
    expect(none.landingOf({ signature: "a", slot: 5 })).toBeNull();
    expect(dropped.landingOf({ signature: "a", slot: 9 })).toBe(9);
    expect(dropped.landingOf({ signature: "b", slot: 9 })).toBeNull();
  });

  it("are the same for the next publisher", () => {
    const dropped = readDropped(undefined).with("a", 1).with("b", 2).with("a", 3);
    const read = readDropped(dropped.text);
    expect(read.text).toBe(dropped.text);
    expect(read.landingOf({ signature: "a", slot: 7 })).toBe(7);
    expect(JSON.parse(dropped.text)).toEqual([
      ["b", 2],
      ["a", 3],
    ]);
  });

  it("are forgotten after a day, and the oldest of too many", () => {
    const old = readDropped(undefined).with("a", 0);
    expect(old.with("b", 23 * HOUR_MS).landingOf({ signature: "a", slot: 1 })).toBe(1);
    expect(old.with("b", 25 * HOUR_MS).landingOf({ signature: "a", slot: 1 })).toBeNull();
    const many = JSON.stringify(Array.from({ length: 5_000 }, (_, n) => [`s${n}`, 0]));
    const full = readDropped(many).with("a", 0);
    const known = ["s0", "s1", "a"].map((signature) => full.landingOf({ signature, slot: 1 }));
    expect(known).toEqual([null, 1, 1]);
  });

  it.each(["", "{}", "[[1]]", '[["a"]]'])("are none where %s was kept", (text) => {
    expect(readDropped(text).text).toBe("[]");
  });
});
