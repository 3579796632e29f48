import { silentLogger, type Logger } from "@commcoin/service/telemetry";
import { expect, it } from "vitest";
import { DecodeError, UnknownVersionError } from "../decode/decode-error.ts";
import { createProblemReport, problemOf } from "./decode-problems.ts";

it("are counted each, and logged each, but an unknown version once", () => {
  const logged: unknown[] = [];
  let counted = 0;
  const log = { ...silentLogger, error: (fields: unknown) => void logged.push(fields) } as unknown as Logger;
  const report = createProblemReport({
    log,
    metrics: { decodeErrors: { inc: () => void (counted += 1) } as never },
  });
  const problems = [2, 2, 3, 2].map((version) => new UnknownVersionError(version));
  for (const error of [...problems, new DecodeError("cut off"), new DecodeError("cut off")]) {
    report({ signature: null, slot: 7 }, problemOf(error));
  }
  expect(counted).toBe(6);
  expect(logged).toEqual([
    { signature: null, slot: 7, error: expect.stringContaining("version 2 ") },
    { signature: null, slot: 7, error: expect.stringContaining("version 3 ") },
    { signature: null, slot: 7, error: "cut off" },
    { signature: null, slot: 7, error: "cut off" },
  ]);
});
