import { startWorker, type Worker } from "@commcoin/harness";
import { NOTHING, addVerdicts } from "./judge.ts";
import type { AudienceCommands, Report } from "./audience-worker.ts";
import type { RecordedTopics } from "./record.ts";

/** More clients than this share the work of several processes. */
const CLIENTS_PER_PROCESS = 500;

/** All clients of a cell, in processes of their own. */
export interface Audience {
  readonly clients: number;
  /** How many of them are subscribed to the heavy topic, too. */
  readonly heavy: number;
  /** Lets go of all clients that there are, and opens new ones. */
  open(ports: readonly number[], heavy: number): Promise<void>;
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
  readonly seed: number;
}

export async function startAudience({ clients, seed }: AudienceOptions): Promise<Audience> {
  const starting = Array.from({ length: Math.ceil(clients / CLIENTS_PER_PROCESS) }, async (_, index) => {
    const first = index * CLIENTS_PER_PROCESS;
    const process: Worker<AudienceCommands> = await startWorker(
      new URL("audience-worker.ts", import.meta.url),
    );
    return { process, first, count: Math.min(CLIENTS_PER_PROCESS, clients - first) };
  });
  const workers = await Promise.all(starting);
  const all = <Result>(ask: (worker: (typeof workers)[number]) => Promise<Result>): Promise<Result[]> =>
    Promise.all(workers.map(ask));
  let slow = 0;
  // All of them are in the first process.
  const heavyOf = ({ first }: (typeof workers)[number]): number => (first === 0 ? slow : 0);
  return {
    clients,
    get heavy() {
      return slow;
    },
    async open(ports, heavy) {
      slow = Math.min(heavy, workers[0]?.count ?? 0);
      await all((worker) => {
        const { process, ...part } = worker;
        return process.call("open", { ...part, heavy: heavyOf(worker), ports, seed });
      });
    },
    async route(ports) {
      await all(({ process }) => process.call("route", ports));
    },
    async cut() {
      await all(({ process }) => process.call("cut"));
    },
    async freeze() {
      await all((worker) => worker.process.call("freeze", heavyOf(worker)));
    },
    async thaw() {
      await all((worker) => worker.process.call("thaw", heavyOf(worker)));
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
