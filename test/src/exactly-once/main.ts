import { parseArgs } from "node:util";
import { runCell, withScene, type CellResult } from "./cell.ts";
import { FAULTS, type Size } from "./faults.ts";
import { formatResults } from "./report.ts";

const FULL: Size = {
  clients: 1_000,
  rate: 210,
  slowClients: 50,
  slowedBy: 20,
  beforeMs: 4_000,
  afterMs: 4_000,
  pauseMs: 20_000,
  drainSeconds: 10,
  flood: 500,
};
const MAX_CLIENTS = 20_000;
const MAX_RATE = 10_000;

const USAGE = `pnpm matrix [--clients ${FULL.clients}] [--rate ${FULL.rate}] [--seed 1] [--only <fault>]...`;

const wholeNumber = (name: string, text: string | undefined, fallback: number, max: number): number => {
  const value = text === undefined ? fallback : Number(text);
  if (!Number.isSafeInteger(value) || value < 1 || value > max) {
    throw new Error(`--${name} must be a whole number from 1 to ${max}.\n${USAGE}`);
  }
  return value;
};

const { values } = parseArgs({
  options: {
    clients: { type: "string" },
    rate: { type: "string" },
    seed: { type: "string" },
    only: { type: "string", multiple: true, default: [] },
  },
});
const unknown = values.only.find((name) => FAULTS.every((fault) => fault.name !== name));
if (unknown !== undefined) {
  throw new Error(
    `There is no fault ${unknown}. There are: ${FAULTS.map(({ name }) => name).join(", ")}.\n${USAGE}`,
  );
}
const clients = wholeNumber("clients", values.clients, FULL.clients, MAX_CLIENTS);
const size: Size = {
  ...FULL,
  clients,
  rate: wholeNumber("rate", values.rate, FULL.rate, MAX_RATE),
  slowClients: Math.ceil((clients * FULL.slowClients) / FULL.clients),
};
const seed = wholeNumber("seed", values.seed, 1, Number.MAX_SAFE_INTEGER);

const results: CellResult[] = [];
for (const fault of FAULTS) {
  if (values.only.length > 0 && !values.only.includes(fault.name)) continue;
  const result = await withScene(
    { kind: fault.on, persistence: fault.persistence ?? "none", size, seed },
    (scene) => runCell(fault, size, scene),
  );
  results.push(result);
  process.stdout.write(`${formatResults([result])}\n\n`);
}
process.stdout.write(`${formatResults(results)}\n`);
process.exitCode = results.every(({ problems }) => problems.length === 0) ? 0 : 1;
