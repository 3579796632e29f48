// Makes the next release of what the files in .changeset say: one version everywhere, and its section in CHANGELOG.md.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const STATUS = ".changeset/status.json";

const run = (command, ...args) => {
  const { status } = spawnSync(command, args, { cwd: ROOT, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
};
const edit = (file, change) =>
  writeFileSync(`${ROOT}${file}`, change(readFileSync(`${ROOT}${file}`, "utf8")));

run("changeset", "status", `--output=${STATUS}`);
const { changesets, releases } = JSON.parse(readFileSync(`${ROOT}${STATUS}`, "utf8"));
rmSync(`${ROOT}${STATUS}`);
const [first] = releases;
if (changesets.length === 0 || first === undefined) {
  console.error("Nothing to release: describe what changed with `pnpm changeset` first.");
  process.exit(1);
}
const { newVersion, oldVersion } = first;

run("changeset", "version");
edit("package.json", (text) => text.replace(`"version": "${oldVersion}"`, `"version": "${newVersion}"`));
edit("infra/helm/commcoin/Chart.yaml", (text) => text.replaceAll(oldVersion, newVersion));
edit("infra/helm/examples/production.yaml", (text) => text.replaceAll(oldVersion, newVersion));
const kinds = [
  ["major", "What breaks"],
  ["minor", "What is new"],
  ["patch", "What was mended"],
];
const kindOf = ({ releases: changed }) =>
  kinds.find(([kind]) => changed.some(({ type }) => type === kind))?.[0];
const section = kinds
  .map(([kind, title]) => [title, changesets.filter((change) => kindOf(change) === kind)])
  .filter(([, changes]) => changes.length > 0)
  .map(([title, changes]) => {
    const lines = changes.map(({ summary }) => `- ${summary.replaceAll("\n", "\n  ")}`);
    return `### ${title}\n\n${lines.join("\n")}\n`;
  });
const day = new Date().toISOString().slice(0, 10);
edit("CHANGELOG.md", (text) => {
  const place = text.search(/^## /m);
  return `${text.slice(0, place)}## ${newVersion} (${day})\n\n${section.join("\n")}\n${text.slice(place)}`;
});
run("pnpm", "install", "--lockfile-only");
run("pnpm", "generate");
run("pnpm", "format");
console.log(`${newVersion}: look at the change, commit it, tag it v${newVersion}, then \`pnpm release\`.`);
