import { describe, expect, it } from "vitest";
import { createRetentionPolicy } from "./retention.ts";

describe("createRetentionPolicy", () => {
  it("keeps ten minutes of every topic, and more messages of transactions", () => {
    const retention = createRetentionPolicy();
    expect(retention("token:abc")).toEqual({ maxMessages: 1_000, maxAgeMs: 600_000 });
    expect(retention("transactions")).toEqual({ maxMessages: 20_000, maxAgeMs: 600_000 });
  });

  it("overrides what it is told by topic name", () => {
    const retention = createRetentionPolicy({ transactions: { maxAgeMs: 1_000 }, token: { maxMessages: 7 } });
    expect(retention("transactions")).toEqual({ maxMessages: 20_000, maxAgeMs: 1_000 });
    expect(retention("token:abc")).toEqual({ maxMessages: 7, maxAgeMs: 600_000 });
    expect(retention("token_updates")).toEqual({ maxMessages: 1_000, maxAgeMs: 600_000 });
  });

  it.each([{ maxMessages: 0 }, { maxMessages: 1.5 }, { maxAgeMs: 0 }, { maxAgeMs: Number.NaN }])(
    "refuses %j",
    (wrong) => {
      expect(() => createRetentionPolicy({ token: wrong })).toThrow("retention of token");
    },
  );
});
