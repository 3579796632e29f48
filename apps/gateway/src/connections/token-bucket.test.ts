import { describe, expect, it } from "vitest";
import { TokenBucket } from "./token-bucket.ts";

const rate = { perSecond: 10, burst: 3 };

describe("token bucket", () => {
  it("gives the burst at once and then the rate", () => {
    const bucket = new TokenBucket(rate, 0);
    expect([1, 2, 3, 4].map(() => bucket.take(rate, 0))).toEqual([2, 1, 0, -1]);
    expect(bucket.take(rate, 200)).toBe(0);
    expect(bucket.take(rate, 250)).toBeLessThan(0);
  });

  it("never saves more than the burst", () => {
    const bucket = new TokenBucket(rate, 0);
    expect(bucket.take(rate, 3_600_000)).toBe(2);
  });

  it("does not lose tokens when the clock stands", () => {
    const bucket = new TokenBucket(rate, 1_000);
    bucket.take(rate, 1_000);
    expect(bucket.take(rate, 900)).toBe(1);
  });
});
