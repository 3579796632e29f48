import { comparedIn } from "./compared.ts";
import type { PanelValue } from "./panel-values.ts";
import type { PlantedFault } from "./plant-fault.ts";
import type { Prometheus } from "./prometheus.ts";
import type { AlertRule } from "./rules.ts";

const columns = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
};

const number = (value: number | null): string =>
  value === null ? "no data" : Number.isInteger(value) ? String(value) : value.toPrecision(3);

export const formatPanels = (values: readonly PanelValue[]): string =>
  columns([
    ["dashboard", "panel", "line", "series", "value", "largest", "unit"],
    ...values.map(({ dashboard, panel, legend, series, last, largest, unit }) => [
      dashboard,
      panel,
      legend,
      String(series),
      number(last),
      number(largest),
      unit,
    ]),
  ]);

const NOW_S = 60;

/** What the expression of each alert compares, and with which number, as far as that can be told apart. */
export async function formatAlerts(
  prometheus: Pick<Prometheus, "range" | "firing">,
  rules: readonly AlertRule[],
): Promise<string> {
  const to = Date.now() / 1_000;
  const firing = new Set((await prometheus.firing()).map(({ alert }) => alert));
  const rows: (readonly string[])[] = [];
  for (const { alert, labels, expr } of rules) {
    for (const compared of comparedIn(expr)) {
      const series = await prometheus.range(compared.expression, to - NOW_S, to, 1);
      const last = series.flatMap(({ values }) => values.at(-1) ?? []);
      const largest = last.length === 0 ? null : Math.max(...last);
      // What fires as soon as there is anything is to have nothing.
      const shown = largest === null && compared.limit === "" ? "none" : number(largest);
      const when = compared.limit || "there is any";
      rows.push([alert, labels.severity, shown, when, firing.has(alert) ? "fires" : "", compared.expression]);
    }
  }
  return columns([["alert", "severity", "largest value", "fires when", "now", "reads"], ...rows]);
}

export const formatFaults = (planted: readonly PlantedFault[]): string =>
  columns([
    ["alert", "fires after", "fault", "beside it"],
    ...planted.flatMap(({ fault, firedAfterMs, beside, problems }) =>
      [...firedAfterMs].map(([alert, ms]) => [
        alert,
        ms === null ? "NEVER" : `${(ms / 1_000).toFixed(0)} s`,
        [fault, ...problems].join("; "),
        beside.join(", "),
      ]),
    ),
  ]);

export const isSound = ({ firedAfterMs, problems }: PlantedFault): boolean =>
  problems.length === 0 && [...firedAfterMs.values()].every((ms) => ms !== null);
