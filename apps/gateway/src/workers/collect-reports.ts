import type { HealthReport } from "@commcoin/service/telemetry";
import { mergeConnections, mergeHealth, mergeMetrics } from "./merge-reports.ts";
import type { PortReports, ReportName, WorkerConnections, WorkerHealth } from "./reports.ts";
import type { WorkerProcess } from "./worker-process.ts";

/** Whoever asks for metrics or health waits a few seconds at most; a worker answers within milliseconds. */
const WORKER_TIMEOUT_MS = 2_000;

/** Asks all workers, and puts their answers together. Those who do not answer in time are left out. */
export function createReportCollector({
  serverId,
  expected,
  workers,
  ownMetrics,
}: {
  readonly serverId: string;
  /** How many there should be. */
  readonly expected: number;
  readonly workers: () => readonly (readonly [worker: number, process: Pick<WorkerProcess, "ask">])[];
  readonly ownMetrics: () => Promise<string>;
}): PortReports {
  const askAll = (about: ReportName) =>
    Promise.all(
      workers().map(async ([worker, { ask }]) => ({
        worker,
        answer: await ask(about, WORKER_TIMEOUT_MS).catch(() => null),
      })),
    );
  /** Those who ask at the same time get the same answer. */
  const together = <Answer>(collect: () => Promise<Answer>): (() => Promise<Answer>) => {
    let running: Promise<Answer> | null = null;
    return () => {
      running ??= collect().finally(() => {
        running = null;
      });
      return running;
    };
  };

  return {
    metrics: together(async () => {
      const [own, pages] = await Promise.all([ownMetrics(), askAll("metrics")]);
      return mergeMetrics([own, ...pages.flatMap(({ answer }) => (answer as string | null) ?? [])]);
    }),
    health: together(async (): Promise<HealthReport> => {
      const answers = await askAll("health");
      return mergeHealth(
        answers.map(({ worker, answer }) => ({ worker, health: answer as WorkerHealth | null })),
        expected,
      );
    }),
    connections: together(async () => {
      const answers = await askAll("connections");
      return mergeConnections(
        serverId,
        answers.flatMap(({ answer }) => (answer as WorkerConnections | null) ?? []),
      );
    }),
  };
}
