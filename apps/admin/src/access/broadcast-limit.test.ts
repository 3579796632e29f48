import { describe, expect, it } from "vitest";
import { ApiError } from "../api-error.ts";
import { createBroadcastLimit } from "./broadcast-limit.ts";

describe("createBroadcastLimit", () => {
  it("lets the rate pass while more is sent all the time, and counts the rest", async () => {
    let now = 5_000;
    let limited = 0;
    const clock = { now: () => now, monotonic: () => now };
    const limit = createBroadcastLimit({ perSecond: 5, onLimited: () => (limited += 1), clock });
    let passed = 0;
    for (let sent = 0; sent < 1_000; sent += 1) {
      await limit().then(
        () => (passed += 1),
        (error: unknown) => expect(error).toBeInstanceOf(ApiError),
      );
      now += 10;
    }
    expect(passed).toBe(5 + 49);
    expect(limited).toBe(1_000 - passed);
  });
});
