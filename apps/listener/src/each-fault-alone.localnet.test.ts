import { afterAll, describe, expect, it, vi } from "vitest";
import { chainFaults } from "./testing/faults/chain-faults.ts";
import { endpointFaults } from "./testing/faults/endpoint-faults.ts";
import { requestFaults } from "./testing/faults/request-faults.ts";
import { type FaultReport, runFault } from "./testing/faults/run-fault.ts";
import { streamFaults } from "./testing/faults/stream-faults.ts";

/** Most of a fault's time is spent waiting for timeouts. */
vi.setConfig({ testTimeout: 120_000, maxConcurrency: 8 });

/** Far more than any of them takes, so that a machine that does much else does not fail it. */
const RECOVERY_LIMIT_MS = 30_000;

const reports: FaultReport[] = [];

afterAll(() => {
  const line = (...cells: readonly string[]): string =>
    cells.map((cell, at) => (at < 4 ? cell.padEnd([54, 64, 36, 20][at] ?? 0) : cell.padStart(10))).join(" ");
  const rows = reports.map(({ fault, metric, moved, readiness, status, recoveredMs, readyMs }) =>
    line(
      fault,
      `${metric} +${moved}`,
      readiness,
      status,
      `${Math.round(recoveredMs)} ms`,
      `${Math.round(readyMs)} ms`,
    ),
  );
  process.stdout.write(
    `\n${[line("fault", "metric", "not ready by", "status", "recovered", "ready"), ...rows].join("\n")}\n`,
  );
});

describe.concurrent("one fault alone: nothing is lost or doubled, and it can be seen", () => {
  const faults = [...streamFaults, ...requestFaults, ...chainFaults, ...endpointFaults];
  it.each(faults.map((fault) => [fault.name, fault] as const))("%s", async (_, fault) => {
    const report = await runFault(fault);
    reports.push(report);
    expect(report.moved).toBeGreaterThanOrEqual(fault.metric.by ?? 1);
    expect(report.recoveredMs).toBeLessThan(RECOVERY_LIMIT_MS);
    expect(report.readyMs).toBeLessThan(RECOVERY_LIMIT_MS);
  });
});
