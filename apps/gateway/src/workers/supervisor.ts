import { createBackoff, sleep, StartError, type Service } from "@commcoin/service/lifecycle";
import type { Logger } from "@commcoin/service/telemetry";
import { createReportCollector } from "./collect-reports.ts";
import { findPort } from "./find-port.ts";
import { watchForSilence } from "./liveness.ts";
import { createWorkerMetrics } from "./metrics.ts";
import { isReportName } from "./reports.ts";
import { workerServerId } from "./server-id.ts";
import { setMaxListeners } from "node:events";
import type { StartWorker, WorkerProcess } from "./worker-process.ts";

/** From the first restart to one of a worker that dies again and again. */
const RESTART_MIN_MS = 250;
const RESTART_MAX_MS = 30_000;
/** One that ran for so long did not die of how it started. */
const LASTING_MS = 60_000;
/** What a worker has beyond the time over which it closes its connections. */
const STOP_GRACE_MS = 10_000;

export interface SupervisorOptions {
  readonly config: {
    readonly GATEWAY_WORKERS: number;
    readonly SERVER_ID: string;
    readonly WEBSOCKET_PORT: number;
    readonly SHUTDOWN_DRAIN_SECONDS: number;
  };
  readonly logger: Logger;
  readonly startWorker: StartWorker;
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

const environmentOf = (serverId: string, worker: number, port: number) => ({
  SERVER_ID: workerServerId(serverId, worker),
  WEBSOCKET_PORT: String(port),
  GATEWAY_WORKERS: "1",
});

/**
 * Runs the workers of a gateway, all on one port. One that dies is started again, after a back-off; one that hangs is
 * killed first. The others are not touched.
 */
export function createSupervisor({ config, logger, startWorker, wait = sleep }: SupervisorOptions): Service {
  const log = logger.module("workers");
  const count = config.GATEWAY_WORKERS;
  const running = new Map<number, WorkerProcess>();
  const ready = new Set<WorkerProcess>();
  const stopping = new AbortController();
  // Each worker waits with it.
  setMaxListeners(0, stopping.signal);
  const readyWorkers = () => [...running].filter(([, process]) => ready.has(process));
  const metrics = createWorkerMetrics(count, () => readyWorkers().map(([worker]) => worker));
  const reports = createReportCollector({
    serverId: config.SERVER_ID,
    expected: count,
    workers: readyWorkers,
    ownMetrics: metrics.page,
  });
  const answer = async (about: string): Promise<unknown> => (isReportName(about) ? reports[about]() : null);
  let places: readonly Promise<void>[] = [];

  /** Kills a worker that hangs. */
  const watchLiveness = async (worker: number, process: WorkerProcess): Promise<void> => {
    const isRunning = (): boolean => running.get(worker) === process && !stopping.signal.aborted;
    const after_ms = await watchForSilence(process, isRunning, (ms) => wait(ms, stopping.signal));
    if (after_ms === null || running.get(worker) !== process) return;
    const server_id = workerServerId(config.SERVER_ID, worker);
    log.error({ server_id, pid: process.pid, after_ms }, "worker hangs; it is killed");
    process.kill("SIGKILL");
  };
  /** Runs one worker once. @returns how it ended. */
  const runWorker = async (worker: number, port: number, onReady: () => void) => {
    const process = startWorker({ worker, env: environmentOf(config.SERVER_ID, worker, port), answer });
    running.set(worker, process);
    // It answers from the moment its program is loaded: one may hang before it is ready as well.
    void watchLiveness(worker, process);
    // One that ends before it is ready leaves this open.
    void process.ready.then(() => {
      ready.add(process);
      log.info({ server_id: workerServerId(config.SERVER_ID, worker), pid: process.pid }, "worker is ready");
      onReady();
    });
    const exit = await process.exit;
    running.delete(worker);
    ready.delete(process);
    return exit;
  };
  /** Keeps one worker running. @throws {StartError} when it ends before it was ready the first time. */
  const keepWorker = async (worker: number, port: number, onReady: () => void): Promise<void> => {
    const backoff = createBackoff({ minMs: RESTART_MIN_MS, maxMs: RESTART_MAX_MS });
    const server_id = workerServerId(config.SERVER_ID, worker);
    let wasReady = false;
    while (!stopping.signal.aborted) {
      const since = performance.now();
      const { code, signal, reason } = await runWorker(worker, port, () => {
        wasReady = true;
        onReady();
      });
      if (stopping.signal.aborted) return;
      if (!wasReady)
        throw new StartError(reason ?? `${server_id} ended (${signal ?? code}) before it was ready.`);
      if (performance.now() - since > LASTING_MS) backoff.reset();
      const restart_in_ms = Math.round(backoff.next());
      log.error({ server_id, code, signal, reason, restart_in_ms }, "worker ended; it is started again");
      metrics.restarted(worker);
      await wait(restart_in_ms, stopping.signal);
    }
  };
  const killAll = (): void => {
    for (const process of running.values()) process.kill("SIGKILL");
  };
  const stop = async (): Promise<void> => {
    stopping.abort();
    for (const process of running.values()) process.kill("SIGTERM");
    const late = setTimeout(
      () => {
        log.warn({ workers: [...running.keys()] }, "workers do not end; they are killed");
        killAll();
      },
      config.SHUTDOWN_DRAIN_SECONDS * 1_000 + STOP_GRACE_MS,
    );
    await Promise.allSettled(places);
    clearTimeout(late);
    process.off("exit", killAll);
  };

  return {
    async start() {
      const port = await findPort(config.WEBSOCKET_PORT);
      // However this process ends, nobody is left behind on its port.
      process.once("exit", killAll);
      const keeping = keepAll(count, (worker, onReady) => keepWorker(worker, port, onReady));
      ({ places } = keeping);
      try {
        await keeping.started;
      } catch (error) {
        stopping.abort();
        killAll();
        await Promise.allSettled(places);
        process.off("exit", killAll);
        throw error;
      }
      if (stopping.signal.aborted) return;
      log.info({ port, workers: count }, `${count} workers are ready on ws://localhost:${port}/ws`);
    },
    stop,
  };
}

/** Keeps each worker running. `started` resolves when all were ready; it rejects when one ends before. */
function keepAll(
  count: number,
  keep: (worker: number, onReady: () => void) => Promise<void>,
): { readonly places: readonly Promise<void>[]; readonly started: Promise<unknown> } {
  const started: Promise<void>[] = [];
  const places = Array.from({ length: count }, (_, index) => {
    let place: Promise<void> = Promise.resolve();
    started.push(
      new Promise((resolve, reject) => {
        place = keep(index + 1, resolve);
        // Also when it is stopped before it was ready.
        place.then(resolve, reject);
      }),
    );
    return place;
  });
  return { places, started: Promise.all(started) };
}
