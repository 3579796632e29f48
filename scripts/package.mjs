// Builds one archive with all services, for servers that have a Node and nothing else.
//   pnpm package [--node 20|22|24] [--out <folder>]     the Node of the servers, this one by default
import "../packages/service/supported-node.mjs";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { nativeServerProblem } from "./native-server.mjs";
import { ABI, trimDeployment } from "./trim-deployment.mjs";

const REPOSITORY = fileURLToPath(new URL("../", import.meta.url));

function fail(problem) {
  process.stderr.write(`${problem}\n`);
  process.exit(1);
}

function run(command, args, options) {
  const { status, stdout, error } = spawnSync(command, args, {
    cwd: REPOSITORY,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    ...options,
  });
  if (error !== undefined)
    fail(`${command} cannot be started (${error.code}). Run this through pnpm: pnpm package`);
  if (status !== 0) fail(`${stdout}\n${command} ${args.join(" ")} failed.`);
  return stdout.trim();
}

const [running] = process.versions.node.split(".");
const { values } = parseArgs({
  options: { node: { type: "string", default: running }, out: { type: "string", default: "dist" } },
});
const { node } = values;
const abi = ABI[node] ?? fail(`--node ${node}: services run on Node ${Object.keys(ABI).join(", ")}.`);
const problem = nativeServerProblem(`${node}.0.0`);
if (problem !== null) fail(problem);

const { version } = JSON.parse(await readFile(join(REPOSITORY, "package.json"), "utf8"));
const name = `commcoin-${version}-${process.platform}-${process.arch}-node${node}`;
const work = await mkdtemp(join(tmpdir(), "commcoin-package-"));
const folder = join(work, name);

process.stdout.write(`Building ${name}.\n`);
run("turbo", ["run", "build", "--filter=@commcoin/release...", "--output-logs=errors-only"]);
// Hoisted: one plain folder of modules, without links and without names that tell where it was built.
run("pnpm", ["--filter", "@commcoin/release", "--prod", "--config.node-linker=hoisted", "deploy", folder]);
const binaries = await trimDeployment(folder, { abi });
if (binaries.length === 0)
  fail(`The WebSocket server has no binary for Node ${node} on ${process.platform} ${process.arch}.`);
const leftovers = ["pnpm-lock.yaml", "pnpm-workspace.yaml", "node_modules/.bin", "node_modules/.pnpm"];
for (const file of leftovers) await rm(join(folder, file), { recursive: true, force: true });
const manifest = { name: "commcoin", version, private: true, license: "Apache-2.0", type: "module" };
await writeFile(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
for (const file of ["LICENSE", ".env.example"]) await cp(join(REPOSITORY, file), join(folder, file));
// What whoever stands before that server reads.
const PAGES = ["configuration", "deployment", "operations", "troubleshooting", "upgrading"];
await mkdir(join(folder, "docs"));
for (const page of PAGES) await cp(join(REPOSITORY, `docs/${page}.md`), join(folder, `docs/${page}.md`));
await cp(join(REPOSITORY, "infra/systemd"), join(folder, "systemd"), { recursive: true });

const commit =
  spawnSync("git", ["log", "-1", "--format=%H %ct"], { cwd: REPOSITORY, encoding: "utf8" }).stdout?.trim() ??
  "";
const [hash = "", seconds = "0"] = commit.split(" ");
const release = { version, commit: hash, node: Number(node), platform: process.platform, arch: process.arch };
await writeFile(join(folder, "release.json"), `${JSON.stringify(release, null, 2)}\n`);

const out = resolve(REPOSITORY, values.out);
await mkdir(out, { recursive: true });
const archive = join(out, `${name}.tar.gz`);
// The same bytes from the same commit: names sorted, no owner, no time but the commit's.
const tar = [
  "--sort=name",
  `--mtime=@${seconds || 0}`,
  "--owner=0",
  "--group=0",
  "--numeric-owner",
  "--create",
];
run("tar", [...tar, "--use-compress-program=gzip --no-name", "--file", archive, "--directory", work, name]);
await rm(work, { recursive: true });

const bytes = await readFile(archive);
const digest = createHash("sha256").update(bytes).digest("hex");
await writeFile(`${archive}.sha256`, `${digest}  ${name}.tar.gz\n`);
process.stdout.write(`${archive}\n${(bytes.byteLength / 1e6).toFixed(1)} MB, SHA-256 ${digest}\n`);
