// Builds everything that a release hands out, into dist/release, and prints the digest of each.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const OUT = `${ROOT}dist/release`;
const PACKAGES = ["client", "cli"];
const IMAGES = { gateway: 8080, admin: 8081, listener: 8082, standalone: 8080 };

const { version } = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8"));
const notBuilt = [];

const run = (command, args, options = {}) => {
  const { status } = spawnSync(command, args, {
    cwd: ROOT,
    stdio: ["ignore", "ignore", "inherit"],
    ...options,
  });
  if (status !== 0) {
    console.error(`${command} ${args.join(" ")} failed`);
    process.exit(1);
  }
};
const has = (command, ...args) => spawnSync(command, args, { stdio: "ignore" }).status === 0;
const output = (command, args) => spawnSync(command, args, { cwd: ROOT, encoding: "utf8" }).stdout.trim();

const changes = output("git", ["status", "--porcelain"]);
if (changes !== "") {
  console.error(`A release is made of what is committed. There is more:\n${changes}`);
  process.exit(1);
}

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
run("turbo", ["run", "build", "--output-logs=errors-only"]);
for (const name of PACKAGES)
  run("pnpm", ["pack", "--pack-destination", OUT], { cwd: `${ROOT}packages/${name}` });

run("node", ["scripts/package.mjs", "--out", OUT]);

if (has("helm", "version")) run("helm", ["package", "infra/helm/commcoin", "--destination", OUT]);
else notBuilt.push("the chart: helm is not installed");

const engine = ["docker", "podman"].find((name) => has(name, "version"));
const digests = [];
if (engine === undefined) notBuilt.push("images: neither docker nor podman runs here");
else {
  for (const [app, port] of Object.entries(IMAGES)) {
    const tag = `commcoin-${app}:${version}`;
    const args = ["build", "--file", "infra/docker/Dockerfile", "--build-arg", `APP=${app}`];
    run(engine, [...args, "--build-arg", `PORT=${port}`, "--tag", tag, "."]);
    digests.push([
      output(engine, ["image", "inspect", "--format", "{{.Id}}", tag]).replace("sha256:", ""),
      tag,
    ]);
  }
}

const files = readdirSync(OUT)
  .filter((file) => !file.endsWith(".sha256"))
  .toSorted();
for (const file of files) {
  digests.unshift([
    createHash("sha256")
      .update(readFileSync(`${OUT}/${file}`))
      .digest("hex"),
    file,
  ]);
}
const sums = digests.map(([digest, name]) => `${digest}  ${name}`).join("\n");
writeFileSync(`${OUT}/SHA256SUMS`, `${sums}\n`);
console.log(`Release ${version} is in dist/release:\n${sums}`);
for (const what of notBuilt) console.log(`Not built: ${what}`);
