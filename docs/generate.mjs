// Writes the documents that follow from the code, or with --check says which of them are stale.
import { readFile, writeFile } from "node:fs/promises";
import { asyncApiDocument } from "@commcoin/protocol/asyncapi";
import { gateway } from "./generator/dashboards/gateway.mjs";
import { listener } from "./generator/dashboards/listener.mjs";
import { overview } from "./generator/dashboards/overview.mjs";
import { VERSION } from "@commcoin/service/telemetry";
import { configuration, environmentExample, variableNames } from "./generator/configuration.mjs";
import { metrics } from "./generator/metrics.mjs";
import { protocol } from "./generator/protocol.mjs";

/** A line for each panel, so that a change can be read. */
const dashboardText = (dashboard) => `${JSON.stringify(dashboard).replaceAll('{"id":', '\n{"id":')}\n`;
/** A chart can only read what is in its own folder: of dashboards and rules it has copies. */
const CHART = "infra/helm/commcoin/files";
const dashboards = Object.entries({ overview, gateway, listener }).flatMap(([name, dashboard]) =>
  ["infra/grafana", CHART].map((folder) => [
    `${folder}/dashboards/${name}.json`,
    () => dashboardText(dashboard),
  ]),
);

const documents = {
  "docs/configuration.md": configuration,
  ".env.example": environmentExample,
  "packages/service/src/config/variable-names.ts": variableNames,
  "docs/asyncapi.json": () => `${JSON.stringify(asyncApiDocument(VERSION), null, 2)}\n`,
  "docs/metrics.md": metrics,
  "docs/protocol.md": protocol,
  [`${CHART}/alerts.yml`]: () => readFile(new URL("../infra/prometheus/alerts.yml", import.meta.url), "utf8"),
  ...Object.fromEntries(dashboards),
};

const check = process.argv.includes("--check");
const stale = [];
for (const [file, make] of Object.entries(documents)) {
  const url = new URL(`../${file}`, import.meta.url);
  const present = await readFile(url, "utf8").catch(() => "");
  const text = await make(present);
  if (present === text) continue;
  if (check) stale.push(file);
  else await writeFile(url, text);
}
if (stale.length > 0) {
  console.error(
    `Not what the code says any more: ${stale.join(", ")}. Run \`pnpm generate\` and commit the result.`,
  );
  process.exit(1);
}
