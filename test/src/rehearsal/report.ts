import type { RehearsalReport } from "./rehearsal.ts";

const WRONG = ["missing", "duplicated", "unexpected", "outOfOrder", "holes", "wrongMarkets"] as const;

/** What did not go as promised; empty when all did. */
export function problemsOf({
  phases,
  comparison,
  audience,
  codes,
  restless,
}: RehearsalReport): readonly string[] {
  return [
    ...phases.flatMap(({ name, missing, unexpected }) => [
      ...missing.map((alert) => `${name}: ${alert} did not fire`),
      ...unexpected.map((alert) => `${name}: ${alert} fired`),
    ]),
    ...WRONG.flatMap((kind) => comparison[kind].slice(0, 5).map((text) => `${kind}: ${text}`)),
    ...(["lost", "doubled", "renumbered"] as const)
      .filter((kind) => audience[kind] > 0)
      .map((kind) => `clients: ${audience[kind]} ${kind}`),
    ...codes.filter((code) => code !== 0).map((code) => `a service that was replaced ended with ${code}`),
    ...(restless === null ? [] : [restless]),
  ];
}

export function formatReport(report: RehearsalReport): string {
  const { phases, comparison, audience, notifications, notified } = report;
  const rows = [
    ["phase", "seconds", "alerts that fired"],
    ...phases.map(({ name, seconds, fired }) => [name, seconds.toFixed(0), fired.join(", ") || "none"]),
  ];
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const table = rows.map(
    ([name = "", seconds = "", fired = ""]) =>
      `${name.padEnd(widths[0] ?? 0)}  ${seconds.padStart(widths[1] ?? 0)}  ${fired}`,
  );
  const problems = problemsOf(report);
  return [
    ...table,
    "",
    `of the chain: ${comparison.expected} messages expected, ${comparison.missing.length} missing, ` +
      `${comparison.duplicated.length} doubled, ${comparison.outOfOrder.length} out of order, ${comparison.holes.length} holes`,
    `at clients: ${audience.received} received, ${audience.lost} lost, ${audience.doubled} doubled; ` +
      `${notifications} notifications sent`,
    `whoever is woken was told of: ${notified.join(", ") || "nothing"}`,
    ...(problems.length === 0 ? ["All as it should be."] : problems.map((problem) => `NOT KEPT: ${problem}`)),
    "",
  ].join("\n");
}
