// Proves that gateways run on Node 24 with a current build of the native WebSocket server: builds a Debian 13 root, puts
// both and this repository into it, and runs there the gateway's type check and tests, and those that cross services.
//   pnpm test:debian13 [--keep] [files of test/src]     as root on Linux x64, with debootstrap and npm
// Linked against a newer glibc than older systems have, that build cannot run outside of such a root.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import {
  assertRootsCanBeBuilt,
  buildDebianRoot,
  CURRENT_SERVER,
  fail,
  inRoot,
  read,
  run,
} from "./debian-root.mjs";
import { provideNode24 } from "./node24.mjs";

const REPOSITORY = fileURLToPath(new URL("../", import.meta.url));
/** What needs programs, time or files that are no matter of the WebSocket server. */
const NOT_ABOUT_IT =
  "attack,helm,dashboard,monitoring,compose,react,load-balancers,listener-faults,release,upgrade";

/** Unpacks the build of the server, once its checksum is what it should be. */
async function fetchServer(folder) {
  const [{ filename }] = JSON.parse(
    read("npm", ["pack", "--json", "--silent", `${CURRENT_SERVER.name}@${CURRENT_SERVER.version}`], {
      cwd: folder,
    }) || "[{}]",
  );
  const archive = join(folder, filename ?? "");
  const sha512 = createHash("sha512")
    .update(await readFile(archive))
    .digest("base64");
  if (sha512 !== CURRENT_SERVER.sha512)
    fail(`${CURRENT_SERVER.name} is not what it was: its SHA-512 is ${sha512}.`);
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
assertRootsCanBeBuilt();
const node = provideNode24() ?? fail("Node 24 could not be had from npm.");

const root = join(tmpdir(), "commcoin-debian13");
process.stdout.write(`Building a Debian 13 in ${root}.\n`);
await buildDebianRoot(root, ["ca-certificates", "redis-server"]);
await cp(node, join(root, "usr/local/bin/node"));
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
  const [program, args] = inRoot(root, command, { cwd: `/repository/${folder}`, env: { CI: "1" } });
  const { status } = spawnSync(program, args, { stdio: "inherit" });
  if (status !== 0) failed.push(name);
}
if (!values.keep) await rm(join(root, "repository"), { recursive: true });
process.stdout.write(
  failed.length === 0 ? "\nAll of it holds on Debian 13 with Node 24.\n" : `\nFailed: ${failed.join(", ")}\n`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
