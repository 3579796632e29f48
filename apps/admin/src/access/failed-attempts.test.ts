import type { Clock } from "@commcoin/service/lifecycle";
import { describe, expect, it } from "vitest";
import { createFailedAttempts } from "./failed-attempts.ts";

const clockAt = (time: { now: number }): Clock => ({ now: () => time.now, monotonic: () => time.now });

const fail = (attempts: ReturnType<typeof createFailedAttempts>, address: string, times: number): void => {
  for (let i = 0; i < times; i += 1) attempts.record(address);
};

describe("createFailedAttempts", () => {
  it("blocks an address after ten failures until a minute after the first", () => {
    const time = { now: 1_000 };
    const attempts = createFailedAttempts(clockAt(time));
    fail(attempts, "10.0.0.1", 9);
    expect(attempts.blockedMs("10.0.0.1")).toBe(0);
    time.now = 11_000;
    fail(attempts, "10.0.0.1", 1);
    expect(attempts.blockedMs("10.0.0.1")).toBe(50_000);
    expect(attempts.blockedMs("10.0.0.2")).toBe(0);
    time.now = 61_000;
    expect(attempts.blockedMs("10.0.0.1")).toBe(0);
  });

  it("counts anew in the next window", () => {
    const time = { now: 0 };
    const attempts = createFailedAttempts(clockAt(time));
    fail(attempts, "10.0.0.1", 10);
    time.now = 60_000;
    fail(attempts, "10.0.0.1", 9);
    expect(attempts.blockedMs("10.0.0.1")).toBe(0);
    fail(attempts, "10.0.0.1", 1);
    expect(attempts.blockedMs("10.0.0.1")).toBe(60_000);
  });

  it("forgets the address known longest once it knows too many", () => {
    const attempts = createFailedAttempts(clockAt({ now: 0 }));
    fail(attempts, "first", 10);
    fail(attempts, "second", 10);
    for (let i = 0; i < 9_999; i += 1) attempts.record(`other-${i}`);
    expect(attempts.blockedMs("first")).toBe(0);
    expect(attempts.blockedMs("second")).toBe(60_000);
  });
});
