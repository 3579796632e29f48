import { describe, expect, it } from "vitest";
import { mergeBackfill } from "./merge-backfill.ts";

const items = (names: string, origin: string) => Array.from(names, (signature) => ({ signature, origin }));
const text = (merged: readonly { signature: string; origin: string }[]) =>
  merged.map(({ signature, origin }) => signature + origin).join(" ");

describe("merging what was listed with what came in live", () => {
  it("has each once, in the order of the list, live where it came in live", () => {
    expect(text(mergeBackfill(items("abcd", "b"), items("dbe", "l")))).toBe("ab bl cb dl el");
  });
  it("leaves either alone when the other is empty", () => {
    expect(text(mergeBackfill(items("ab", "b"), []))).toBe("ab bb");
    expect(text(mergeBackfill([], items("ab", "l")))).toBe("al bl");
  });
});
