import { expect, it } from "vitest";
import { closeReason } from "./close-reason.ts";

it.each(["", "shutdown; reconnect in 1234 ms", "x".repeat(123), "ü".repeat(61)])(
  "leaves %j as it is",
  (text) => {
    expect(closeReason(text)).toBe(text);
  },
);

it.each(["x".repeat(124), `x${"ü".repeat(80)}`, "🦊".repeat(40), `ab${"€".repeat(60)}`])(
  "shortens %j",
  (text) => {
    const short = closeReason(text);
    expect(Buffer.byteLength(short)).toBeLessThanOrEqual(123);
    expect(Buffer.byteLength(short)).toBeGreaterThan(115);
    expect(text.startsWith(short.slice(0, -1))).toBe(true);
    expect(short.endsWith("…")).toBe(true);
  },
);
