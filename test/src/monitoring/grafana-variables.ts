import type { Dashboard } from "./dashboards.ts";
import type { Prometheus } from "./prometheus.ts";

const REGULAR = /[\\^$.*+?()[\]{}|/]/g;

/** Of several values, as Grafana writes them for Prometheus: a regular expression, its backslashes doubled within the string. */
const asExpression = (values: readonly string[]): string => {
  const escaped = values.map((value) => value.replaceAll(REGULAR, String.raw`\\$&`));
  return escaped.length === 1 ? (escaped[0] ?? "") : `(${escaped.join("|")})`;
};

export interface Resolution {
  readonly stepSeconds: number;
  readonly scrapeSeconds: number;
}

/** What Grafana sends for an expression of a panel. */
export type Substitute = (expression: string) => string;

/**
 * Does with the variables of a dashboard what Grafana does: once with all servers, as it is opened, and once with each chosen by
 * name.
 */
export async function substitutions(
  dashboard: Dashboard,
  prometheus: Pick<Prometheus, "valuesOf">,
  { stepSeconds, scrapeSeconds }: Resolution,
): Promise<{ readonly all: Substitute; readonly chosen: Substitute }> {
  const all = new Map<string, string>();
  const chosen = new Map<string, string>();
  for (const { name, type, definition = "", allValue } of dashboard.templating.list) {
    if (type === "datasource") continue;
    const [, metric, label] = /^label_values\((\w+), (\w+)\)$/.exec(definition) ?? [];
    if (metric === undefined || label === undefined) throw new Error(`What is ${definition}?`);
    const values = await prometheus.valuesOf(label, metric);
    if (values.length === 0) throw new Error(`${dashboard.file} offers nothing to choose for ${name}.`);
    all.set(name, allValue ?? asExpression(values));
    chosen.set(name, asExpression(values));
  }
  const interval = Math.max(stepSeconds + scrapeSeconds, 4 * scrapeSeconds);
  const substitute =
    (variables: ReadonlyMap<string, string>): Substitute =>
    (expression) =>
      expression.replaceAll(/\$(\w+)/g, (_, name: string) => {
        if (name === "__rate_interval") return `${interval}s`;
        const value = variables.get(name);
        if (value === undefined) throw new Error(`${dashboard.file} has no variable ${name}.`);
        return value;
      });
  return { all: substitute(all), chosen: substitute(chosen) };
}
