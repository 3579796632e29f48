import type { Bench, BenchOptions, Cell } from "../harness/report.ts";
import { withScope, type Scope } from "../harness/scope.ts";
import { profiled, startGateway, startRedis } from "../harness/stage.ts";
import { quantile } from "../harness/statistics.ts";
import { startWorker } from "../harness/worker.ts";
import type { IngestionCommands } from "../workers/ingestion.ts";
import type { NodeCommands, NodeUrls } from "../workers/node.ts";
import type { ObserverCommands } from "../workers/observer.ts";

const SLOTS_PER_SECOND = 2.5;
/** Twice what the local node makes by itself, and a slot of a busy coin. */
const JUDGED_RATES = [10, 50];
/** Beyond them, to see how the time grows with the burst. */
const OTHER_RATES = [100];
const SECONDS = { judged: 40, other: 20 };
/** While it starts, a listener catches up with what was before; and few transactions leave its code cold for long. */
const WARM_UP_SECONDS = { judged: 40, other: 10 };
const TIMEOUT_MS = 60_000;
/** Rare enough to cost nothing that is measured. */
const LOOK_INTERVAL_MS = 250;
const BUDGET_P99_MS = 20;

/** Starts what stands between node and client; returns the gateway's port. */
type StartPath = (scope: Scope, node: NodeUrls, options: BenchOptions) => Promise<number>;

const startIngestion = async (scope: Scope, options: BenchOptions, name: string) => {
  const worker = await startWorker<IngestionCommands>("ingestion", profiled(options, name));
  scope.add(() => worker.stop());
  return worker;
};

const PATHS: Readonly<Record<string, StartPath>> = {
  "one process": async (scope, node, options) =>
    (await startIngestion(scope, options, "ingestion-latency")).call("startStandalone", node),
  "through Redis": async (scope, node, options) => {
    const redis = await startRedis(scope);
    const { port } = await startGateway(scope, redis, profiled(options, "ingestion-latency-gateway"));
    const listener = await startIngestion(scope, options, "ingestion-latency-listener");
    await listener.call("startListener", node, redis.url);
    return port;
  },
};

/** Milliseconds from a notification to the client's socket, at so many transactions a second. */
const measure = (
  startPath: StartPath,
  perSecond: number,
  options: BenchOptions,
): Promise<readonly number[]> =>
  withScope(async (scope) => {
    const { quick } = options;
    const node = await startWorker<NodeCommands>("node", profiled(options, "ingestion-latency-node"));
    scope.add(() => node.stop());
    const urls = await node.call("start", perSecond);
    const port = await startPath(scope, urls, options);
    const observer = await startWorker<ObserverCommands>("observer");
    scope.add(() => observer.stop());
    await observer.call("start", urls.wsUrl, port);
    const waitFor = async (samples: number): Promise<void> => {
      const deadline = performance.now() + TIMEOUT_MS;
      while ((await observer.call("seen")) < samples) {
        if (performance.now() > deadline) throw new Error(`Fewer than ${samples} transactions came.`);
        await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL_MS));
      }
    };
    const cell = JUDGED_RATES.includes(perSecond) ? "judged" : "other";
    await waitFor(quick ? 0 : perSecond * WARM_UP_SECONDS[cell]);
    await observer.call("takeDelays");
    await waitFor(quick ? 1 : perSecond * SECONDS[cell]);
    return observer.call("takeDelays");
  });

/** From a notification of the local node to a client's socket; the transaction is fetched in between. */
export const ingestionLatency: Bench = async (options) => {
  const rates = options.quick ? JUDGED_RATES.slice(-1) : [...JUDGED_RATES, ...OTHER_RATES];
  const rows: Cell[][] = [];
  const verdicts = [];
  for (const [path, startPath] of Object.entries(PATHS)) {
    for (const perSecond of rates) {
      const delays = await measure(startPath, perSecond, options);
      const quantiles = [0.5, 0.95, 0.99, 1].map((share) => quantile(delays, share));
      rows.push([path, perSecond, perSecond / SLOTS_PER_SECOND, delays.length, ...quantiles]);
      if (!JUDGED_RATES.includes(perSecond)) continue;
      const [p50 = Number.NaN, , p99 = Number.NaN] = quantiles;
      verdicts.push({
        what: `notification → client on localnet, ${path}, ${perSecond} transactions/s`,
        budget: `p99 ≤ ${BUDGET_P99_MS} ms`,
        measured: `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
        kept: p99 <= BUDGET_P99_MS,
      });
    }
  }
  return {
    verdicts,
    tables: [
      {
        title: "From the notification of a transaction to a client's socket",
        columns: ["way", "transactions/s", "per slot", "samples", "p50 ms", "p95 ms", "p99 ms", "max ms"],
        rows,
      },
    ],
    notes: [
      "The node announces all transactions of a slot (400 ms) at once. They are fetched from it in batches of up to 20, and a slot is published in the order of its block: its first transaction waits until the last one was fetched.",
      "Timed in a process of its own, from the moment in which a subscription beside the listener's could read the notification.",
    ],
  };
};
