import type { RuleFile } from "./rules.ts";

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600 };
/** A rate needs four points. */
const SHORTEST_RANGE_S = 10;
const SHORTEST_FOR_S = 1;

const seconds = (duration: string): number =>
  Number(duration.slice(0, -1)) * (SECONDS[duration.slice(-1)] ?? Number.NaN);
const divided = (duration: string, by: number, least: number): string =>
  `${Math.max(least, Math.ceil(seconds(duration) / by))}s`;

/**
 * The same rules for those who cannot wait: they look back, and hold on, over a fraction of the time. What is compared, and
 * with which number, stays as it is.
 */
export const shorten = (file: RuleFile, by: { readonly range: number; readonly for: number }): RuleFile => ({
  groups: file.groups.map((group) => ({
    ...group,
    rules: group.rules.map((rule) => ({
      ...rule,
      expr: rule.expr.replaceAll(
        /\[(\d+[smh])\]/g,
        (_, range: string) => `[${divided(range, by.range, SHORTEST_RANGE_S)}]`,
      ),
      ...("for" in rule && rule.for !== undefined ? { for: divided(rule.for, by.for, SHORTEST_FOR_S) } : {}),
    })),
  })),
});
