// Writes the documents that follow from the code, or with --check says which of them are stale.
import { readFile, writeFile } from "node:fs/promises";
import { asyncApiDocument } from "@commcoin/protocol/asyncapi";
import { configuration, environmentExample, variableNames } from "./generator/configuration.mjs";
import { metrics } from "./generator/metrics.mjs";
import { protocol } from "./generator/protocol.mjs";

const documents = {
  "docs/configuration.md": configuration,
  ".env.example": environmentExample,
  "packages/service/src/config/variable-names.ts": variableNames,
  "docs/asyncapi.json": () => `${JSON.stringify(asyncApiDocument(), null, 2)}\n`,
  "docs/metrics.md": metrics,
  "docs/protocol.md": protocol,
  // A chart can only read what is in its own folder.
  "infra/helm/commcoin/files/alerts.yml": () =>
    readFile(new URL("../infra/prometheus/alerts.yml", import.meta.url), "utf8"),
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
