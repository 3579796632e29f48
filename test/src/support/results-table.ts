/** A title, and what stands below it for a result. */
export type Column<Result> = readonly [title: string, of: (result: Result) => string];

/** What is tried, and which promises were not kept then. */
export interface Judged {
  readonly problems: readonly string[];
}

const KEPT: Column<Judged> = ["kept", ({ problems }) => (problems.length === 0 ? "yes" : "NO")];

/**
 * Results as a Markdown table, whether promises were kept before its last column; below it, which were not.
 * @param columns the first one names what was tried.
 */
export function resultsTable<Result extends Judged>(
  results: readonly Result[],
  columns: readonly [Column<Result>, ...Column<Result>[]],
): string {
  const [[, nameOf]] = columns;
  const all = [...columns.slice(0, -1), KEPT, ...columns.slice(-1)];
  const rows = [
    all.map(([title]) => title),
    all.map(() => "---"),
    ...results.map((result) => all.map(([, of]) => of(result))),
  ];
  const widths = all.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map(
    (row) => `| ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join(" | ")} |`,
  );
  const problems = results.flatMap((result) => result.problems.map((text) => `${nameOf(result)}: ${text}`));
  return [...lines, ...(problems.length === 0 ? [] : ["", ...problems])].join("\n");
}
