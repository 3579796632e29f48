import type { Service } from "@commcoin/service/lifecycle";
import type { RunOptions } from "@commcoin/service/lifecycle";
import { createQuestions, type Pipe, type WorkerMessage } from "./channel.ts";
import { isReportName, type PortReports, type WorkerReports } from "./reports.ts";
import { WORKER_ARGUMENT } from "./worker-process.ts";

/** A supervisor asks its workers for two seconds at most; longer than that. */
const ALL_TIMEOUT_MS = 3_000;

/** The other end of a worker: the supervisor that started it. */
export interface SupervisorLink {
  /** Number of this worker. */
  readonly worker: number;
  readonly all: PortReports;
  /** How a worker runs: it fails towards its supervisor, which alone is impatient. */
  readonly runOptions: RunOptions;
  /** Tells the supervisor that this worker accepts clients, and from then on what it asks. */
  readonly serve: (own: WorkerReports) => Service;
}

/** @returns null in a process that no supervisor started. */
export function linkToSupervisor(self: NodeJS.Process): SupervisorLink | null {
  const [, , role, worker] = self.argv;
  if (role !== WORKER_ARGUMENT || self.send === undefined) return null;
  let reports: WorkerReports | null = null;
  const pipe: Pipe = {
    send(message) {
      if (self.connected) self.send?.(message, undefined, undefined, () => {});
    },
    onMessage: (listener) => self.on("message", (message) => listener(message as WorkerMessage)),
  };
  const questions = createQuestions(pipe, async (about) => {
    if (reports === null || !isReportName(about)) return null;
    return reports[about]();
  });
  // Nobody would start this worker again, or could end it: it closes its connections and goes.
  self.once("disconnect", () => self.kill(self.pid, "SIGTERM"));

  return {
    worker: Number(worker),
    all: {
      metrics: async () => (await questions.ask("metrics", ALL_TIMEOUT_MS)) as string,
      health: async () =>
        (await questions.ask("health", ALL_TIMEOUT_MS)) as Awaited<ReturnType<PortReports["health"]>>,
      connections: async () =>
        (await questions.ask("connections", ALL_TIMEOUT_MS)) as Awaited<
          ReturnType<PortReports["connections"]>
        >,
    },
    // Signals come from the supervisor, and often to the whole group of processes: the second one is the same wish.
    runOptions: { patient: true, report: (reason) => pipe.send({ kind: "failed", reason }) },
    serve: (own) => ({
      start() {
        reports = own;
        pipe.send({ kind: "ready" });
        return Promise.resolve();
      },
      stop: () => Promise.resolve(),
    }),
  };
}
