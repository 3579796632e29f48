import { dashboards, panelsOf } from "./dashboards.ts";
import { substitutions, type Resolution } from "./grafana-variables.ts";
import { SCRAPE_MS, type Prometheus, type Series } from "./prometheus.ts";

/** What one line of the description of a panel shows. */
export interface PanelValue {
  readonly dashboard: string;
  readonly panel: string;
  readonly unit: string;
  readonly legend: string;
  readonly expression: string;
  /** Series that have a number at any time. */
  readonly series: number;
  /** The newest and the largest number, of the series where that is largest; null without any. */
  readonly last: number | null;
  readonly largest: number | null;
  /** Series when each server is chosen by name, instead of all of them. */
  readonly chosen: number;
}

const RESOLUTION: Resolution = { stepSeconds: 1, scrapeSeconds: SCRAPE_MS / 1_000 };

const withNumbers = (series: readonly Series[]): readonly Series[] =>
  series.filter(({ values }) => values.length > 0);
const most = (numbers: readonly number[]): number | null =>
  numbers.length === 0 ? null : numbers.reduce((one, other) => Math.max(one, other));

/** Asks everything that every panel of every dashboard asks, about the time since `from` (Unix seconds). */
export async function panelValues(prometheus: Prometheus, from: number): Promise<readonly PanelValue[]> {
  const found: PanelValue[] = [];
  const to = Date.now() / 1_000;
  for (const dashboard of dashboards) {
    const { all, chosen } = await substitutions(dashboard, prometheus, RESOLUTION);
    for (const { title, fieldConfig, targets } of panelsOf(dashboard)) {
      for (const { expr, legendFormat } of targets) {
        const ask = async (expression: string): Promise<readonly Series[]> =>
          withNumbers(await prometheus.range(expression, from, to, RESOLUTION.stepSeconds));
        const series = await ask(all(expr));
        found.push({
          dashboard: dashboard.file.replace(".json", ""),
          panel: title,
          unit: fieldConfig.defaults.unit,
          legend: legendFormat,
          expression: expr,
          series: series.length,
          last: most(series.flatMap(({ values }) => values.at(-1) ?? [])),
          largest: most(series.flatMap(({ values }) => values)),
          chosen: (await ask(chosen(expr))).length,
        });
      }
    }
  }
  return found;
}
