import { parseArgs } from "node:util";
import { alertRules } from "./rules.ts";
import { FAULTS } from "./faults.ts";
import { plantFault, type PlantedFault } from "./plant-fault.ts";
import { formatAlerts, formatFaults, formatPanels, isSound } from "./report.ts";
import { showEverything } from "./show-everything.ts";
import { startStage, type Stage } from "./stage.ts";

const USAGE = `Usage: pnpm panels
       pnpm alerts [--only <alert>]

Runs two gateways, two listeners, an admin service, Redis and a local node, watched by a real Prometheus, and clients.
panels: what every panel of every dashboard and every alert finds under load.
alerts: makes go wrong what each alert is about, one thing after the other, and waits until it fires.
Ends with 0 when nothing was missing.
`;

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

async function panels(stage: Stage): Promise<boolean> {
  const { values, empty } = await showEverything(stage);
  say(formatPanels(values));
  say(`\n${await formatAlerts(stage.prometheus, alertRules)}`);
  for (const line of empty) say(`WITHOUT DATA: ${line}`);
  return empty.length === 0;
}

async function alerts(stage: Stage, only: readonly string[]): Promise<boolean> {
  const chosen = FAULTS.filter(
    (fault) => only.length === 0 || fault.alerts.some((alert) => only.includes(alert)),
  );
  const planted: PlantedFault[] = [];
  for (const fault of chosen) {
    const result = await plantFault(fault, stage);
    say(formatFaults([result]));
    planted.push(result);
  }
  say(`\n${formatFaults(planted)}`);
  return planted.every(isSound);
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: "string", multiple: true, default: [] },
    help: { type: "boolean", default: false },
  },
});
const [command] = positionals;
const unknown = values.only.find((name) => !alertRules.some(({ alert }) => alert === name));
if (values.help || (command !== "panels" && command !== "alerts")) {
  say(USAGE);
} else if (unknown !== undefined) {
  process.stderr.write(`There is no alert ${unknown}.\n`);
  process.exitCode = 1;
} else {
  const stage = await startStage();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void stage.stop().finally(() => process.exit(1)));
  }
  try {
    const isWell = command === "panels" ? await panels(stage) : await alerts(stage, values.only);
    process.exitCode = isWell ? 0 : 1;
  } finally {
    await stage.stop();
  }
}
