import { NOTHING, addVerdicts } from "./judge.ts";
import type { AudienceCommands, Report } from "./audience-worker.ts";
import type { RecordedTopics } from "./record.ts";
import { startWorker, type WorkerProcess } from "./worker-process.ts";

/** More clients than this share the work of several processes. */
const CLIENTS_PER_PROCESS = 500;

/** All clients of a cell, in processes of their own. */
export interface Audience {
  readonly clients: number;
  /** How many of them are subscribed to the heavy topic, too. */
  readonly heavy: number;
  open(ports: readonly number[]): Promise<void>;
  route(ports: readonly number[]): Promise<void>;
  cut(): Promise<void>;
  /** Makes those that are subscribed to the heavy topic stop reading. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  behind(newest: ReadonlyMap<string, number>): Promise<number>;
  report(record: RecordedTopics): Promise<Report>;
  stop(): Promise<void>;
}

export interface AudienceOptions {
  readonly clients: number;
  readonly heavy: number;
  readonly seed: number;
}

export function createAudience({ clients, heavy, seed }: AudienceOptions): Audience {
  const workers: readonly {
    readonly process: WorkerProcess<AudienceCommands>;
    readonly first: number;
    readonly count: number;
    readonly heavy: number;
  }[] = Array.from({ length: Math.ceil(clients / CLIENTS_PER_PROCESS) }, (_, index) => {
    const first = index * CLIENTS_PER_PROCESS;
    return {
      process: startWorker<AudienceCommands>("audience-worker.ts"),
      first,
      count: Math.min(CLIENTS_PER_PROCESS, clients - first),
      heavy: index === 0 ? heavy : 0,
    };
  });
  const all = <Result>(ask: (worker: (typeof workers)[number]) => Promise<Result>): Promise<Result[]> =>
    Promise.all(workers.map(ask));
  return {
    clients,
    heavy,
    async open(ports) {
      await all(({ process, ...part }) => process.call("open", { ...part, ports, seed }));
    },
    async route(ports) {
      await all(({ process }) => process.call("route", ports));
    },
    async cut() {
      await all(({ process }) => process.call("cut"));
    },
    async freeze() {
      await all(({ process, heavy }) => process.call("freeze", heavy));
    },
    async thaw() {
      await all(({ process, heavy }) => process.call("thaw", heavy));
    },
    async behind(newest) {
      const counts = await all(({ process }) => process.call("behind", newest));
      return counts.reduce((sum, count) => sum + count, 0);
    },
    async report(record) {
      const reports = await all(({ process }) => process.call("report", record));
      const codes = new Map<number, number>();
      for (const [code, times] of reports.flatMap((report) => report.codes)) {
        codes.set(code, (codes.get(code) ?? 0) + times);
      }
      const sum = (of: (report: Report) => number): number =>
        reports.reduce((total, report) => total + of(report), 0);
      return {
        verdict: reports.map(({ verdict }) => verdict).reduce(addVerdicts, NOTHING),
        gaps: reports.flatMap(({ gaps }) => gaps),
        connections: sum(({ connections }) => connections),
        clientGaps: sum(({ clientGaps }) => clientGaps),
        clientDuplicates: sum(({ clientDuplicates }) => clientDuplicates),
        codes: [...codes],
        errors: [...new Set(reports.flatMap(({ errors }) => errors))],
      };
    },
    async stop() {
      await all(({ process }) => process.stop());
    },
  };
}
