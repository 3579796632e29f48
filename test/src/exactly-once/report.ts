import type { CellResult } from "./cell.ts";
import { resultsTable, type Column } from "../support/results-table.ts";

const seconds = (ms: number): string => (Number.isFinite(ms) ? (ms / 1_000).toFixed(2) : "never");

const COLUMNS: readonly [Column<CellResult>, ...Column<CellResult>[]] = [
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
  ["what happened", ({ what }) => what],
];

/** The results as a Markdown table; below it, why a promise was not kept. */
export const formatResults = (results: readonly CellResult[]): string => resultsTable(results, COLUMNS);
