import { styleText } from "node:util";
import { span, type Check } from "./check.ts";
import type { DoctorReport } from "./report.ts";

const HEADINGS = {
  configuration: "Configuration",
  redis: "Redis",
  solana: "Solana nodes",
  admin: "Admin service",
  servers: "Servers",
  clocks: "Clocks",
  gateways: "Gateways",
  doctor: "This examination",
} as const;
type Area = keyof typeof HEADINGS;

const SIGNS = { ok: "✓", warning: "!", error: "✗", skipped: "–" } as const;
const COLORS = { ok: "green", warning: "yellow", error: "red", skipped: "gray" } as const;

const areaOf = ({ id }: Check): Area => id.split(".", 1)[0] as Area;

function linesOf({ subject, status, says, means, remedy }: Check, colors: boolean): readonly string[] {
  const sign = colors ? styleText(COLORS[status], SIGNS[status], { validateStream: false }) : SIGNS[status];
  return [
    `  ${sign} ${subject === null ? "" : `${subject}: `}${says}`,
    ...(means === null ? [] : [`      It means: ${means}`]),
    ...(remedy === null ? [] : [`      Remedy:   ${remedy}`]),
  ];
}

const some = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

function summary({ counts, duration_ms }: DoctorReport): string {
  const findings = counts.error + counts.warning;
  const rest = `${some(counts.ok, "check")} well, ${counts.skipped} skipped, in ${span(duration_ms)}`;
  return findings === 0 ? `Nothing found: ${rest}.` : `${some(findings, "finding")}; ${rest}.`;
}

/** For people: one line per check, and under a finding what it means and what to do. */
export function render(report: DoctorReport, colors: boolean): string {
  const sections = (Object.keys(HEADINGS) as Area[]).flatMap((area) => {
    const checks = report.checks.filter((each) => areaOf(each) === area);
    if (checks.length === 0) return [];
    return [[HEADINGS[area], ...checks.flatMap((each) => linesOf(each, colors))].join("\n")];
  });
  return `${[...sections, summary(report)].join("\n\n")}\n`;
}
