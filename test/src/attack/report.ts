import type { AttackResult } from "./result.ts";

const mebibytes = (bytes: number): string => (bytes / 1_048_576).toFixed(0);
const milliseconds = (ms: number): string => ms.toFixed(0);

const COLUMNS: readonly (readonly [title: string, of: (result: AttackResult) => string])[] = [
  ["attack", ({ name }) => name],
  ["tries", ({ tries }) => String(tries)],
  ["exits", ({ exits }) => String(exits.length)],
  ["RSS MiB before", ({ before }) => mebibytes(before.rssBytes)],
  ["peak", ({ peakBytes }) => mebibytes(peakBytes)],
  ["final", ({ after }) => mebibytes(after.rssBytes)],
  ["sockets", ({ before, after }) => `${before.sockets} → ${after.sockets}`],
  ["lost", ({ lost }) => String(lost)],
  ["p99 ms quiet", ({ quietP99Ms }) => milliseconds(quietP99Ms)],
  ["p99", ({ p99Ms }) => milliseconds(p99Ms)],
  ["max", ({ maxMs }) => milliseconds(maxMs)],
  ["normal s", ({ normalMs }) => (normalMs === null ? "never" : (normalMs / 1_000).toFixed(2))],
  ["log lines", ({ logLines }) => String(logLines)],
  ["kept", ({ problems }) => (problems.length === 0 ? "yes" : "NO")],
  ["what happened", ({ what }) => what],
];

/** The results as a Markdown table; below it, which promises were not kept. */
export function formatResults(results: readonly AttackResult[]): string {
  const rows = [
    COLUMNS.map(([title]) => title),
    COLUMNS.map(() => "---"),
    ...results.map((result) => COLUMNS.map(([, of]) => of(result))),
  ];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map(
    (row) => `| ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join(" | ")} |`,
  );
  const problems = results.flatMap(({ name, problems }) => problems.map((text) => `${name}: ${text}`));
  return [...lines, ...(problems.length === 0 ? [] : ["", ...problems])].join("\n");
}
