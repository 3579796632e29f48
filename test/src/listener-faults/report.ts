import { ORIGINS } from "./compare.ts";
import type { FaultReport } from "./fault-run.ts";

/** Of what is wrong, so many lines are shown of each kind. */
const MOST_SHOWN = 12;

const counted = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");

const WRONG = [
  "missing",
  "duplicated",
  "unexpected",
  "outOfOrder",
  "holes",
  "wrongMarkets",
  "crashes",
] as const;

/** Whether the listeners kept every promise. */
export const isSound = (report: FaultReport): boolean =>
  report.restless === null && WRONG.every((kind) => report[kind].length === 0);

/** The figures of a run as text. */
export function formatReport(report: FaultReport): string {
  const takeovers = report.takeovers.map(({ after, ms }) => `${after} ${(ms / 1_000).toFixed(1)} s`);
  const rows: readonly (readonly [string, string | number])[] = [
    ["seed", report.seed],
    [
      "transactions",
      `${report.transactions} in ${report.slots} slots (${report.refused} refused by the chain)`,
    ],
    ["duration", `${report.seconds.toFixed(0)} s`],
    ["expected", report.expected],
    ["published", report.published],
    ...WRONG.map((kind) => [kind, report[kind].length] as const),
    ["found", ORIGINS.map((origin) => `${origin} ${report.origins[origin]}`).join(", ")],
    ["troubles", counted(report.troubles)],
    ["struck", counted(report.struck)],
    ["takeovers", takeovers.join(", ") || "none"],
    ["settled", report.restless ?? "yes"],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const details = WRONG.flatMap((kind) => {
    const shown = report[kind].slice(0, MOST_SHOWN).map((line) => `  ${line}`);
    return shown.length === 0 ? [] : [`${kind}:`, ...shown];
  });
  const said = [...report.said].sort(([, a], [, b]) => b - a).map(([text, count]) => `  ${count} × ${text}`);
  const explained = isSound(report) ? [] : ["the listeners said:", ...said.slice(0, MOST_SHOWN)];
  return [...rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`), ...details, ...explained].join(
    "\n",
  );
}
