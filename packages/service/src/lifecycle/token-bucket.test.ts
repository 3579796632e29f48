import { describe, expect, it } from "vitest";
import { TokenBucket } from "./token-bucket.ts";

const rate = { perSecond: 10, burst: 3 };

describe("token bucket", () => {
  it("gives the burst at once and then the rate", () => {
    const bucket = new TokenBucket(rate, 0);
    expect([1, 2, 3, 4].map(() => bucket.overdraw(rate, 0))).toEqual([2, 1, 0, -1]);
    expect(bucket.overdraw(rate, 200)).toBe(0);
    expect(bucket.overdraw(rate, 250)).toBeLessThan(0);
  });

  it("never saves more than the burst", () => {
    const bucket = new TokenBucket(rate, 0);
    expect(bucket.overdraw(rate, 3_600_000)).toBe(2);
  });

  it("lets the rate through while many more ask in vain", () => {
    const bucket = new TokenBucket(rate, 0);
    let taken = 0;
    for (let ms = 0; ms <= 10_000; ms += 1) taken += Number(bucket.take(rate, ms) === 0);
    expect(taken).toBe(3 + 100);
  });

  it("says when there is one again", () => {
    const bucket = new TokenBucket(rate, 0);
    expect([1, 2, 3, 4, 5].map(() => bucket.take(rate, 0))).toEqual([0, 0, 0, 100, 100]);
    expect(bucket.take(rate, 50)).toBeCloseTo(50);
    expect(bucket.take(rate, 101)).toBe(0);
  });

  it("does not lose tokens when the clock stands", () => {
    const bucket = new TokenBucket(rate, 1_000);
    bucket.overdraw(rate, 1_000);
    expect(bucket.overdraw(rate, 900)).toBe(1);
  });
});
