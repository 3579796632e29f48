import { describe, expect, it } from "vitest";
import { createPageSizes } from "./page-sizes.ts";

describe("page sizes of audits", () => {
  it("follow what an address had the last time, between a small page and all that a node gives", () => {
    const sizes = createPageSizes();
    expect(sizes.of("a")).toBe(32);
    sizes.listed("a", 150);
    expect(sizes.of("a")).toBe(300);
    sizes.listed("a", 5_000);
    expect(sizes.of("a")).toBe(1_000);
    sizes.listed("a", 3);
    expect(sizes.of("a")).toBe(32);
  });

  it("are forgotten with their addresses", () => {
    const sizes = createPageSizes();
    sizes.listed("a", 150);
    sizes.listed("b", 150);
    sizes.keep(new Set(["b"]));
    expect([sizes.of("a"), sizes.of("b")]).toEqual([32, 300]);
  });
});
