import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
import { join } from "node:path";
import { formatOutcome, formatVerdicts, type Outcome } from "./report.ts";

const GIBIBYTE = 1024 ** 3;
/** The benches themselves keep about so many threads per core busy. */
const BUSY_PER_CORE = 3;
const BUSY =
  " Other work kept this machine busy: times from one moment to another (latency, reconnects) say nothing about the product " +
  "in such a run, and every CPU time is higher than on an idle machine.";

/** Writes `README.md` and `results.json` of a full run. */
export function writeReport(folder: string, outcomes: Readonly<Record<string, Outcome>>): void {
  const date = new Date().toISOString().slice(0, 16).replace("T", " ");
  const cores = cpus();
  const machine = {
    cpu: cores[0]?.model ?? "unknown",
    cores: cores.length,
    memoryGiB: Math.round(totalmem() / GIBIBYTE),
    kernel: release(),
    node: process.versions.node,
    loadAverages: loadavg(),
  };
  const loadText = machine.loadAverages.map((load) => load.toFixed(1)).join(", ");
  const busy = Math.max(...machine.loadAverages) > BUSY_PER_CORE * cores.length;
  const text = [
    "# What it costs",
    "Written by `pnpm bench`; do not edit. `pnpm bench <name>` runs one of them, `--quick` shows that it works.",
    `${date} UTC on ${machine.cores} × ${machine.cpu}, ${machine.memoryGiB} GiB, Linux ${machine.kernel}, Node ${machine.node}.`,
    `Load averages at the end of the run: ${loadText}.${busy ? BUSY : ""}`,
    "Everything, load generators and Redis included, shares these cores, and so may other work of the machine. Trust the " +
      "ratios, which are taken side by side in one run, A B A B; absolute figures are of this machine and differ by " +
      "10 % and more from run to run.",
    formatVerdicts(outcomes),
    ...Object.entries(outcomes).map(([name, outcome]) => formatOutcome(name, outcome)),
  ].join("\n\n");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "README.md"), `${text}\n`);
  writeFileSync(join(folder, "results.json"), `${JSON.stringify({ date, machine, outcomes }, null, 2)}\n`);
}
