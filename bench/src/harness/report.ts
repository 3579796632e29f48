export type Cell = string | number;

/** A table of what was measured: one row per setting. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** What was promised, and what came out. */
export interface Verdict {
  readonly what: string;
  readonly budget: string;
  readonly measured: string;
  readonly kept: boolean;
  /** It counts something that no machine and no size may change: it has to be kept in a quick run as well. */
  readonly exact?: true;
}

export interface Outcome {
  readonly verdicts: readonly Verdict[];
  readonly tables: readonly Table[];
  /** What one has to know to read the figures. */
  readonly notes: readonly string[];
}

/** How a bench is run. */
export interface BenchOptions {
  /** Only shows that it works; the figures mean nothing. */
  readonly quick: boolean;
  readonly testData: string | undefined;
  /** Overrides the number of connections of the benches that have one. */
  readonly connections: number | undefined;
  /** Folder for CPU profiles of the measured processes; none are taken when it is absent. */
  readonly profile: string | undefined;
}

export type Bench = (options: BenchOptions) => Promise<Outcome>;

/** Three significant digits, thousands separated. */
export function formatCell(value: Cell): string {
  if (typeof value === "string") return value;
  if (!Number.isFinite(value)) return "–";
  if (Number.isInteger(value) || Math.abs(value) >= 1_000) return Math.round(value).toLocaleString("en-US");
  return value.toPrecision(3);
}

/** GitHub's table, aligned, so that it reads well in a terminal too. */
export function formatTable({ columns, rows }: Omit<Table, "title">): string {
  const cells = [columns, ...rows.map((row) => row.map(formatCell))];
  const widths = columns.map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[], fill = " "): string =>
    `| ${widths.map((width, at) => (at === 0 ? (row[at] ?? "").padEnd(width, fill) : (row[at] ?? "").padStart(width, fill))).join(" | ")} |`;
  const [header = [], ...body] = cells;
  const rule = `| ${widths.map((width, at) => (at === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  return [line(header), rule, ...body.map((row) => line(row))].join("\n");
}

const verdictTable = (verdicts: readonly Verdict[]): string =>
  formatTable({
    columns: ["promise", "budget", "measured", "kept"],
    rows: verdicts.map(({ what, budget, measured, kept }) => [
      what,
      budget,
      measured,
      kept ? "yes" : "**no**",
    ]),
  });

export const formatVerdicts = (outcomes: Readonly<Record<string, Outcome>>): string =>
  verdictTable(Object.values(outcomes).flatMap(({ verdicts }) => verdicts));

/** One bench as Markdown, under a heading of this name. */
export function formatOutcome(name: string, { tables, notes }: Outcome): string {
  return [
    `## ${name}`,
    ...tables.map((table) => `**${table.title}**\n\n${formatTable(table)}`),
    ...(notes.length === 0 ? [] : [notes.map((note) => `- ${note}`).join("\n")]),
  ].join("\n\n");
}
