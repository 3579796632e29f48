import type { CellResult } from "./cell.ts";

const seconds = (ms: number): string => (Number.isFinite(ms) ? (ms / 1_000).toFixed(2) : "never");

const COLUMNS: readonly (readonly [title: string, of: (result: CellResult) => string])[] = [
  ["fault", ({ fault }) => fault.name],
  ["clients", ({ clients }) => String(clients)],
  ["published", ({ published }) => String(published)],
  ["expected", ({ verdict }) => String(verdict.expected)],
  ["delivered", ({ verdict }) => String(verdict.delivered)],
  ["lost", ({ verdict }) => String(verdict.lost)],
  ["duplicated", ({ verdict }) => String(verdict.duplicated)],
  ["reordered", ({ verdict }) => String(verdict.reordered)],
  ["renumbered", ({ verdict }) => String(verdict.renumbered)],
  ["told lost", ({ verdict }) => `${verdict.told} (${verdict.toldMessages})`],
  ["connections", ({ connections }) => String(connections)],
  ["recovery s", ({ recoveryMs }) => seconds(recoveryMs)],
  ["p99 gap s", ({ gapP99Ms }) => seconds(gapP99Ms)],
  ["kept", ({ problems }) => (problems.length === 0 ? "yes" : "NO")],
  ["what happened", ({ what }) => what],
];

/** The results as a Markdown table; below it, why a promise was not kept. */
export function formatResults(results: readonly CellResult[]): string {
  const rows = [
    COLUMNS.map(([title]) => title),
    COLUMNS.map(() => "---"),
    ...results.map((result) => COLUMNS.map(([, of]) => of(result))),
  ];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map(
    (row) => `| ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join(" | ")} |`,
  );
  const problems = results.flatMap(({ fault, problems }) => problems.map((text) => `${fault.name}: ${text}`));
  return [...lines, ...(problems.length === 0 ? [] : ["", ...problems])].join("\n");
}
