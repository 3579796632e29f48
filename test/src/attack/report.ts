import type { AttackResult } from "./result.ts";
import { resultsTable, type Column } from "../support/results-table.ts";

const mebibytes = (bytes: number): string => (bytes / 1_048_576).toFixed(0);
const milliseconds = (ms: number): string => ms.toFixed(0);

const COLUMNS: readonly [Column<AttackResult>, ...Column<AttackResult>[]] = [
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
  ["what happened", ({ what }) => what],
];

/** The results as a Markdown table; below it, why a promise was not kept. */
export const formatResults = (results: readonly AttackResult[]): string => resultsTable(results, COLUMNS);
