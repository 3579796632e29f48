import { inTurns } from "../harness/in-turns.ts";
import type { Bench } from "../harness/report.ts";
import { withScope } from "../harness/scope.ts";
import { profiled } from "../harness/stage.ts";
import { median } from "../harness/statistics.ts";
import { testDataFolder } from "../harness/test-data.ts";
import { startWorker } from "../harness/worker.ts";
import type { IntakeCommands } from "../workers/intake.ts";
import type { LogsNodeCommands } from "../workers/logs-node.ts";

const NOTIFICATIONS = 60_000;
const ROUNDS = 7;
const BUDGET = 0.8;

/** CPU per notification: the listener's way from socket to checked notification, and `ws` with `JSON.parse` alone. */
export const intake: Bench = (options) =>
  withScope(async (scope) => {
    const count = options.quick ? 200 : NOTIFICATIONS;
    const recorded = testDataFolder(options);
    const node = await startWorker<LogsNodeCommands>("logs-node");
    scope.add(() => node.stop());
    const url = await node.call("start", recorded, count);
    const rawProcess = await startWorker<IntakeCommands>("intake");
    scope.add(() => rawProcess.stop());
    const listenerProcess = await startWorker<IntakeCommands>("intake", profiled(options, "intake-listener"));
    scope.add(() => listenerProcess.stop());
    const raw = () => rawProcess.call("raw", url, count);
    const listener = () => listenerProcess.call("listener", url, count);
    // The first round of each is compiled while it runs.
    await raw();
    await listener();
    const results = await inTurns({ raw, listener }, options.quick ? 1 : ROUNDS);
    const perSecond = (cpuMicros: readonly number[]): number => (count / median(cpuMicros)) * 1e6;
    const ratio = perSecond(results.listener) / perSecond(results.raw);
    return {
      verdicts: [
        {
          what: "intake of notifications per CPU-second",
          budget: `≥ ${BUDGET} × ws + JSON.parse`,
          measured: ratio.toFixed(2),
          kept: ratio >= BUDGET,
        },
      ],
      tables: [
        {
          title: `Notifications per CPU-second (medians of ${results.raw.length} rounds)`,
          columns: ["reader", "notifications/s", "µs each", "ratio"],
          rows: [
            ["ws + JSON.parse", perSecond(results.raw), median(results.raw) / count, 1],
            ["listener", perSecond(results.listener), median(results.listener) / count, ratio],
          ],
        },
      ],
      notes: [
        recorded === null
          ? "Notifications are made up: there are no recordings here."
          : "Notifications carry the logs of recorded mainnet transactions.",
      ],
    };
  });
