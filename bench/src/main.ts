import { fileURLToPath } from "node:url";
import { benches } from "./benches/index.ts";
import { type CommandLine, readCommandLine, usage } from "./harness/read-command-line.ts";
import { formatOutcome, formatVerdicts, type Outcome } from "./harness/report.ts";
import { writeReport } from "./harness/write-report.ts";

const REPORT = fileURLToPath(new URL("../report/", import.meta.url));

/** One bench that fails must not take the figures of the others with it. */
const orFailure = (name: string, running: Promise<Outcome>): Promise<Outcome> =>
  running.catch((error: unknown) => {
    process.exitCode = 1;
    const [measured = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    return {
      verdicts: [{ what: name, budget: "runs", measured, kept: false }],
      tables: [],
      notes: [measured],
    };
  });

const known = Object.keys(benches);
const understand = (): CommandLine => {
  try {
    return readCommandLine(process.argv.slice(2), known);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage(known)}\n`);
    process.exit(2);
  }
};
const { names, quick, connections, profile, help } = understand();
if (help) {
  process.stdout.write(`${usage(known)}\n`);
  process.exit(0);
}
const testData = process.env.COMMCOIN_TEST_DATA;
const outcomes: Record<string, Outcome> = {};
for (const [name, bench] of Object.entries(benches)) {
  if (names.length > 0 && !names.includes(name)) continue;
  outcomes[name] = await orFailure(name, bench({ quick, testData, connections, profile }));
  process.stdout.write(`${formatOutcome(name, outcomes[name])}\n\n`);
}
process.stdout.write(`${formatVerdicts(outcomes)}\n`);
if (names.length === 0 && !quick) {
  writeReport(REPORT, outcomes);
  process.stdout.write(`\nWritten to ${REPORT}\n`);
}
