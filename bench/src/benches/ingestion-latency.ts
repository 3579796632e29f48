import type { Bench } from "../harness/report.ts";
import { withScope } from "../harness/scope.ts";
import { profiled } from "../harness/stage.ts";
import { quantile } from "../harness/statistics.ts";
import { startWorker } from "../harness/worker.ts";
import type { ListenerCommands } from "../workers/listener.ts";
import type { NodeCommands } from "../workers/node.ts";

const TRANSACTIONS_PER_SECOND = 50;
const SAMPLES = 500;
const QUICK_SAMPLES = 1;
const TIMEOUT_MS = 60_000;
const BUDGET_P99_MS = 20;

/** From a notification of the local node to the published transaction, which is fetched in between. */
export const ingestionLatency: Bench = (options) =>
  withScope(async (scope) => {
    const { quick } = options;
    const node = await startWorker<NodeCommands>("node", profiled(options, "ingestion-latency-node"));
    scope.add(() => node.stop());
    const urls = await node.call("start", TRANSACTIONS_PER_SECOND);
    const listener = await startWorker<ListenerCommands>("listener", profiled(options, "ingestion-latency"));
    scope.add(() => listener.stop());
    await listener.call("start", urls);
    const wanted = quick ? QUICK_SAMPLES : SAMPLES;
    const waitFor = async (samples: number): Promise<void> => {
      const deadline = performance.now() + TIMEOUT_MS;
      while ((await listener.call("seen")) < samples) {
        if (performance.now() > deadline)
          throw new Error(`Fewer than ${samples} transactions were published.`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    // While it starts, a listener catches up with what was before.
    await waitFor(quick ? 0 : SAMPLES);
    await listener.call("takeDelays");
    await waitFor(wanted);
    const delays = await listener.call("takeDelays");
    const [p50, p95, p99, worst] = [0.5, 0.95, 0.99, 1].map((share) => quantile(delays, share)) as [
      number,
      number,
      number,
      number,
    ];
    return {
      verdicts: [
        {
          what: "notification → published, on localnet",
          budget: `p99 ≤ ${BUDGET_P99_MS} ms`,
          measured: `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
          kept: p99 <= BUDGET_P99_MS,
        },
      ],
      tables: [
        {
          title: `${TRANSACTIONS_PER_SECOND} transactions/s, announced in bursts of one slot (400 ms)`,
          columns: ["samples", "p50 ms", "p95 ms", "p99 ms", "max ms"],
          rows: [[delays.length, p50, p95, p99, worst]],
        },
      ],
      notes: [
        "Each transaction is fetched from the node by its own request: the last of a slot waits for those before it.",
      ],
    };
  });
