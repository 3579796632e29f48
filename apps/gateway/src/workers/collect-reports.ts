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
  const askAll = <Answer>(
    about: ReportName,
  ): Promise<readonly { readonly worker: number; readonly answer: Answer | null }[]> =>
    Promise.all(
      workers().map(async ([worker, { ask }]) => {
        const answer = await ask(about, WORKER_TIMEOUT_MS).catch(() => null);
        return { worker, answer: answer as Answer | null };
      }),
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
      const [own, pages] = await Promise.all([ownMetrics(), askAll<string>("metrics")]);
      return mergeMetrics([own, ...pages.flatMap(({ answer }) => answer ?? [])]);
    }),
    health: together(async (): Promise<HealthReport> => {
      const answers = await askAll<WorkerHealth>("health");
      return mergeHealth(
        answers.map(({ worker, answer }) => ({ worker, health: answer })),
        expected,
      );
    }),
    connections: together(async () => {
      const answers = await askAll<WorkerConnections>("connections");
      return mergeConnections(
        serverId,
        answers.flatMap(({ answer }) => answer ?? []),
      );
    }),
  };
}
