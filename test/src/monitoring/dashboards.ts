import { readdirSync, readFileSync } from "node:fs";
import { z } from "zod";

const folder = new URL("../../../infra/grafana/dashboards/", import.meta.url);

/** Whoever looks chooses the data source. */
const datasource = z.strictObject({ type: z.literal("prometheus"), uid: z.literal("${datasource}") });
const common = {
  id: z.int(),
  title: z.string().min(1),
  gridPos: z.strictObject({ x: z.int(), y: z.int(), w: z.int().positive(), h: z.int().positive() }),
  datasource,
};
const heading = z.object({ ...common, type: z.literal("row") });
const threshold = z.strictObject({ color: z.string(), value: z.number().nullable() });
const panel = z.object({
  ...common,
  type: z.enum(["stat", "timeseries"]),
  description: z.string().regex(/^[A-Z0-9].*\.$/),
  fieldConfig: z.object({
    defaults: z.object({
      unit: z.string().min(1),
      thresholds: z.object({ mode: z.literal("absolute"), steps: z.array(threshold).min(1) }),
    }),
  }),
  targets: z
    .array(z.object({ refId: z.string(), expr: z.string().min(1), legendFormat: z.string(), datasource }))
    .min(1),
});
const variable = z.object({
  name: z.string(),
  type: z.enum(["datasource", "query"]),
  definition: z.string().optional(),
  multi: z.boolean(),
  includeAll: z.boolean(),
  allValue: z.string().optional(),
});
const dashboard = z.object({
  uid: z.string(),
  title: z.string(),
  templating: z.object({ list: z.array(variable) }),
  panels: z.array(z.union([heading, panel])),
});

export type Panel = z.infer<typeof panel>;

export type Dashboard = z.infer<typeof dashboard> & { readonly file: string };

/** Those of infra/grafana/dashboards, held against their schema. */
export const dashboards: readonly Dashboard[] = readdirSync(folder).map((file) => ({
  file,
  ...dashboard.parse(JSON.parse(readFileSync(new URL(file, folder), "utf8"))),
}));

export const panelsOf = ({ panels }: Dashboard): readonly Panel[] =>
  panels.filter((each): each is Panel => each.type !== "row");
