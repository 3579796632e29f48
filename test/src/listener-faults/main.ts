import { parseArgs } from "node:util";
import { randomBytes } from "node:crypto";
import { killAll } from "../support/service-process.ts";
import { runListenerFaults } from "./fault-run.ts";
import { formatReport, isSound } from "./report.ts";

const USAGE = `Usage: pnpm faults:listener [options]

Plays a market on a local chain with two endpoints, three listeners and a real Redis, while everything goes wrong that
can, and compares what was published with what happened. Ends with 0 when nothing is missing, doubled or out of order.

  --transactions <n>   transactions of the market (default 20000)
  --seed <text>        determines market, forks and troubles (default random)
  --per-slot <n>       transactions in a slot of 100 ms, on average (default 15)
  --audit <on|off>     off shows what the audit is for: the run must fail (default on)
`;

const { values } = parseArgs({
  options: {
    transactions: { type: "string", default: "20000" },
    seed: { type: "string", default: randomBytes(4).toString("hex") },
    "per-slot": { type: "string", default: "15" },
    audit: { type: "string", default: "on" },
    help: { type: "boolean", default: false },
  },
});
const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const number = (name: "transactions" | "per-slot", least: number, most: number): number => {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  process.stderr.write(`--${name} must be a whole number from ${least} to ${most}\n`);
  process.exit(1);
};

if (values.help) {
  say(USAGE);
} else {
  const { seed, audit } = values;
  say(`seed ${seed}`);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void killAll().finally(() => process.exit(1)));
  }
  const report = await runListenerFaults({
    seed,
    transactions: number("transactions", 100, 1_000_000),
    perSlot: number("per-slot", 1, 1_000),
    nodeEvery: 8,
    processEvery: 60,
    leaseSeconds: 3,
    audit: audit !== "off",
    progress: say,
  });
  say(formatReport(report));
  process.exitCode = isSound(report) ? 0 : 1;
}
