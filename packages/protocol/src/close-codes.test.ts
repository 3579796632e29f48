import { describe, expect, it } from "vitest";
import { CLOSE_CODES, MESSAGE_TOO_LARGE, shouldReconnect, type CloseName } from "./close-codes.ts";

const STAY_AWAY = new Set<CloseName>([
  "invalid_token",
  "bad_request",
  "disconnected",
  "connection_limit",
  "permission_denied",
  "too_many_errors",
]);

describe("close codes", () => {
  it("are distinct", () => {
    const codes = Object.values(CLOSE_CODES).map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it.each(Object.entries(CLOSE_CODES))(
    "%s lies in the range that says what the client should do",
    (name, { code }) => {
      expect(code).toBeGreaterThanOrEqual(3000);
      expect(code).toBeLessThan(4000);
      expect(shouldReconnect(code)).toBe(!STAY_AWAY.has(name as CloseName));
    },
  );

  it("have reasons that fit into a close frame (RFC 6455: 123 bytes)", () => {
    for (const { reason } of Object.values(CLOSE_CODES)) expect(reason.length).toBeLessThan(60);
  });

  it("let a client come back after a lost transport, but not with the same oversized message", () => {
    expect(shouldReconnect(1006)).toBe(true);
    expect(shouldReconnect(1000)).toBe(true);
    expect(shouldReconnect(MESSAGE_TOO_LARGE)).toBe(false);
    expect([4000, 4499, 4500, 4999, 5000].map(shouldReconnect)).toEqual([true, true, false, false, true]);
  });
});
