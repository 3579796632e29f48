import { expect, it } from "vitest";
import { ok, skipped, warning } from "./check.ts";
import { render } from "./render.ts";
import { createReport } from "./report.ts";

const report = createReport(
  [
    skipped("gateways.round-trip", "no way to sesame", "gateway-1"),
    ok("redis.version", "version 7.0.15"),
    warning("redis.append-only", {
      says: "it is off",
      means: "a restart loses it.",
      remedy: "switch it on.",
    }),
  ],
  { startedAt: new Date(0), durationMs: 1_229.6 },
  (text) => text.replaceAll("sesame", "[secret]"),
);

it("shows one line per check, and under a finding what it means and what to do", () => {
  expect(render(report, false)).toBe(
    `Redis
  ✓ version 7.0.15
  ! it is off
      It means: a restart loses it.
      Remedy:   switch it on.

Gateways
  – gateway-1: no way to [secret]

1 finding; 1 check well, 1 skipped, in 1.23 s.
`,
  );
  expect(report).toMatchObject({ ok: false, duration_ms: 1_230, counts: { ok: 1, warning: 1, skipped: 1 } });
});

it("colours the signs for a terminal", () => {
  expect(render(report, true)).toContain("\u001B[33m!\u001B[39m it is off");
});
