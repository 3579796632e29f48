import { parseArgs } from "node:util";
import { killAll } from "../support/service-process.ts";
import { ATTACKS } from "./attacks.ts";
import { FULL_SIZE, runCampaign } from "./campaign.ts";
import { formatResults } from "./report.ts";
import { canReadVitals } from "./support/vitals.ts";

const USAGE = `Usage: pnpm attack [options]

Does to real services what hostile clients, nodes, proxies and a troubled Redis do, with a healthy client beside them,
and tells what that cost. Ends with 0 when every promise was kept.

  --only <attack>   one attack, or a room such as clients; may be repeated
  --seed <text>     determines the market that nodes play (default attack)
  --list            names the attacks
`;

const QUIET_MS = 2_000;

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: [] },
    seed: { type: "string", default: "attack" },
    list: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const isNamedBy = (name: string, wanted: string): boolean => name === wanted || name.startsWith(`${wanted}/`);
const unknown = values.only.find((wanted) => !ATTACKS.some(({ name }) => isNamedBy(name, wanted)));
const chosen = ATTACKS.filter(
  ({ name }) => values.only.length === 0 || values.only.some((wanted) => isNamedBy(name, wanted)),
);

if (values.help) {
  say(USAGE);
} else if (values.list) {
  for (const { name } of ATTACKS) say(name);
} else if (unknown !== undefined) {
  process.stderr.write(`There is no attack ${unknown}; --list names them.\n${USAGE}`);
  process.exitCode = 1;
} else if (!canReadVitals()) {
  process.stderr.write("Memory and sockets of the services are read from /proc, which only Linux has.\n");
  process.exitCode = 1;
} else {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void killAll().finally(() => process.exit(1)));
  }
  const from = performance.now();
  const results = await runCampaign(chosen, {
    seed: values.seed,
    size: FULL_SIZE,
    quietMs: QUIET_MS,
    onResult: (result) => say(`${formatResults([result])}\n`),
  });
  say(formatResults(results));
  say(`\n${results.length} attacks in ${((performance.now() - from) / 1_000).toFixed(0)} s`);
  process.exitCode = results.every(({ problems }) => problems.length === 0) ? 0 : 1;
}
