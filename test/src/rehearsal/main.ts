import { fileURLToPath } from "node:url";
import { killAll } from "../support/service-process.ts";
import { installPrevious, isPreviousKnown } from "../upgrade/previous-release.ts";
import { FAULTS } from "./faults.ts";
import { rehearse } from "./rehearsal.ts";
import { formatReport, problemsOf } from "./report.ts";

const CURRENT = fileURLToPath(new URL("../../..", import.meta.url));

if (!isPreviousKnown()) {
  process.stderr.write("This clone's history does not have the release before: git fetch --unshallow\n");
  process.exit(1);
}
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void killAll().finally(() => process.exit(1)));
}
const startedAt = performance.now();
const report = await rehearse({
  balancer: "haproxy",
  gateways: ["gateway-1", "gateway-2", "gateway-3"],
  roots: { previous: installPrevious(), current: CURRENT },
  faults: FAULTS,
  full: true,
  seed: "rehearsal",
  progress: (text) => {
    process.stdout.write(`${((performance.now() - startedAt) / 1_000).toFixed(0)} s: ${text}\n`);
  },
});
process.stdout.write(`\n${formatReport(report)}`);
process.exitCode = problemsOf(report).length === 0 ? 0 : 1;
