import { silentLogger } from "@commcoin/service/telemetry";
import { expect, it } from "vitest";
import { createThrottledLog } from "./throttled-log.ts";

it("logs a text again only after a while, and tells how often it was left out", () => {
  const lines: unknown[] = [];
  let now = 0;
  const log = { ...silentLogger, warn: (...line: unknown[]) => void lines.push(line) };
  const calm = createThrottledLog(log, () => now);
  for (const source of ["a", "b", "c"]) calm.warn({ source }, "no node");
  calm.warn({}, "other");
  now = 5_000;
  calm.warn({ source: "d" }, "no node");
  now = 10_000;
  calm.warn({ source: "e" }, "no node");
  expect(lines).toEqual([
    [{ source: "a" }, "no node"],
    [{}, "other"],
    [{ source: "d", repeated: 2 }, "no node"],
    [{ source: "e" }, "no node"],
  ]);
});
