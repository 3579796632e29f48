import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";

const alertRule = z.strictObject({
  alert: z.string().regex(/^[A-Z][A-Za-z]+$/),
  expr: z.string().min(1),
  for: z
    .string()
    .regex(/^\d+[sm]$/)
    .optional(),
  labels: z.strictObject({ severity: z.enum(["critical", "warning"]) }),
  annotations: z.strictObject({ summary: z.string().min(1), runbook_url: z.string() }),
});
const recordingRule = z.strictObject({
  record: z.string().regex(/^\w+:\w+:\w+$/),
  expr: z.string().min(1),
});
const ruleFile = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string(), rules: z.array(z.union([alertRule, recordingRule])) })),
});

export type AlertRule = z.infer<typeof alertRule>;
type RecordingRule = z.infer<typeof recordingRule>;
export type RuleFile = z.infer<typeof ruleFile>;

/** infra/prometheus/alerts.yml, held against its schema. */
export const ruleGroups: RuleFile = ruleFile.parse(
  parse(readFileSync(new URL("../../../infra/prometheus/alerts.yml", import.meta.url), "utf8")),
);
const rules = ruleGroups.groups.flatMap((group) => group.rules);

export const alertRules: readonly AlertRule[] = rules.filter((rule): rule is AlertRule => "alert" in rule);
export const recordingRules: readonly RecordingRule[] = rules.filter(
  (rule): rule is RecordingRule => "record" in rule,
);
