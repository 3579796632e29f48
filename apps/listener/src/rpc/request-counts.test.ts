import { expect, it } from "vitest";
import { RequestTally } from "./request-counts.ts";

it("counts requests of each node, and how they went", () => {
  const tally = new RequestTally();
  for (const result of ["answered", "rate_limited", "answered", "failed", "rate_limited"] as const)
    tally.add("a", result);
  tally.add("b", "answered");
  expect(tally.of("a")).toEqual({ requests: 5, rateLimited: 2, failed: 1 });
  expect(tally.of("b")).toEqual({ requests: 1, rateLimited: 0, failed: 0 });
  expect(tally.of("c")).toEqual({ requests: 0, rateLimited: 0, failed: 0 });
});
