// Builds an image without a container engine: runs every step of the Dockerfile in folders that stand for its stages, on a
// Debian 13 that debootstrap builds, runs what came out as the image would, asks its health check, and tells its size.
//   pnpm image [gateway|listener|admin|standalone …]     as root on Linux x64, with debootstrap, npm and redis-server
import { spawn, spawnSync } from "node:child_process";
import { cp, mkdir, readFile, realpath, rm, symlink } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import {
  assertRootsCanBeBuilt,
  buildDebianRoot,
  CURRENT_SERVER,
  fail,
  inRoot,
  read,
  run,
} from "./debian-root.mjs";
import { fillIn, parseDockerfile, stagesOf } from "./dockerfile.mjs";
import { provideNode24 } from "./node24.mjs";

const REPOSITORY = fileURLToPath(new URL("../", import.meta.url));
const WORK = join(tmpdir(), "commcoin-images");
const MAX_MB = 250;
const HEALTHY_WITHIN_MS = 60_000;
const PORTS = {
  gateway: "WEBSOCKET_PORT",
  listener: "LISTENER_PORT",
  admin: "ADMIN_PORT",
  standalone: "WEBSOCKET_PORT",
};
/** What the published slim images leave out of a Debian. */
const NOT_IN_SLIM = [
  "usr/share/doc",
  "usr/share/man",
  "usr/share/info",
  "usr/share/locale",
  "var/lib/apt/lists",
  "var/cache/apt",
];

const megabytes = (folder) => Number(read("du", ["--summarize", "--bytes", folder]).split("\t")[0]) / 1e6;

/** Stands for the images that the Dockerfile names: Debian, and the same with Node and npm. */
async function buildBases() {
  const debian = join(WORK, "debian");
  await buildDebianRoot(debian);
  for (const folder of NOT_IN_SLIM) {
    await rm(join(debian, folder), { recursive: true, force: true });
    await mkdir(join(debian, folder), { recursive: true });
  }
  const node = join(WORK, "node");
  await rm(node, { recursive: true, force: true });
  run("cp", ["--archive", debian, node]);
  await cp(provideNode24() ?? fail("Node 24 could not be had from npm."), join(node, "usr/local/bin/node"));
  const npm = dirname(dirname(await realpath(read("which", ["npm"]).trim())));
  await cp(npm, join(node, "usr/local/lib/node_modules/npm"), { recursive: true, dereference: true });
  await symlink("../lib/node_modules/npm/bin/npm-cli.js", join(node, "usr/local/bin/npm"));
  return { debian, node };
}

/** What the engine is given to build from: the files of the repository but those of the ignore file. */
async function copyContext(to) {
  const ignored = (await readFile(join(REPOSITORY, "infra/docker/Dockerfile.dockerignore"), "utf8"))
    .trim()
    .split("\n");
  const patterns = ignored.map((line) =>
    line.startsWith("**/")
      ? new RegExp(`(^|/)${line.slice(3).replaceAll(".", "\\.").replaceAll("*", "[^/]*")}$`)
      : new RegExp(`^${line}$`),
  );
  await cp(REPOSITORY, to, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !patterns.some((pattern) => pattern.test(relative(REPOSITORY, path))),
  });
}

/** Runs the steps of one stage in its folder. */
async function runStage({ stage, folder, folders, context, buildArguments, inherited }) {
  const state = {
    cwd: "/",
    env: {},
    user: "0:0",
    command: [],
    health: [],
    ...structuredClone(inherited),
    args: {},
  };
  for (const { instruction, flags, argument } of stage.steps) {
    const variables = { ...state.args, ...state.env };
    if (instruction === "ARG") {
      const [name, value = ""] = argument.split(/=(.*)/s);
      state.args[name] = buildArguments[name] ?? value;
    } else if (instruction === "ENV") {
      for (const [, name, value] of fillIn(argument, variables).matchAll(/(\w+)=(\S*)/g))
        state.env[name] = value;
    } else if (instruction === "WORKDIR") {
      state.cwd = argument;
      await mkdir(join(folder, argument), { recursive: true });
    } else if (instruction === "COPY") {
      const [source, target] = argument.split(" ");
      const [, from] = flags.find(([name]) => name === "from") ?? [];
      const origin = from === undefined ? join(context, source) : join(folders[from], source);
      const place = join(folder, target.startsWith("/") ? target : join(state.cwd, target));
      const isFolder = source.endsWith("/") || source === ".";
      await mkdir(isFolder ? place : dirname(place), { recursive: true });
      run("cp", ["--archive", isFolder ? `${origin}/.` : origin, place]);
    } else if (instruction === "RUN") {
      const mounts = {};
      for (const [, mount] of flags.filter(([name]) => name === "mount")) {
        const [, place] = /target=([^,]+)/.exec(mount) ?? [];
        mounts[place] = join(WORK, "cache", basename(place));
        await mkdir(mounts[place], { recursive: true });
      }
      const [program, args] = inRoot(folder, argument, { cwd: state.cwd, env: variables, mounts });
      process.stdout.write(`[${stage.name}] ${argument.slice(0, 100)}\n`);
      run(program, args, { stdio: ["ignore", "ignore", "inherit"] });
    } else if (instruction === "USER") state.user = argument;
    else if (instruction === "CMD") state.command = JSON.parse(argument);
    else if (instruction === "HEALTHCHECK")
      state.health = JSON.parse(argument.slice(argument.indexOf("CMD ") + 4));
    else if (!["EXPOSE", "STOPSIGNAL"].includes(instruction))
      throw new Error(`Unknown instruction: ${instruction}`);
  }
  return state;
}

const words = (command) => command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return String(port);
}

/** Starts the image's command as its user, and asks its health check until it says yes. */
async function isHealthy(app, folder, { cwd, env, user, command, health }) {
  const [port, redisPort] = [await freePort(), await freePort()];
  const redis = spawn("redis-server", ["--port", redisPort, "--save", ""], { stdio: "ignore" });
  const own = {
    ...env,
    HEALTH_PORT: port,
    [PORTS[app]]: port,
    AUTH_MODE: "none",
    REDIS_URL: `redis://127.0.0.1:${redisPort}`,
  };
  const options = {
    cwd,
    user,
    env: app === "standalone" ? { ...own, MESSAGE_BROKER_ENABLED: "false" } : own,
  };
  const [program, args] = inRoot(folder, `exec ${words(command)}`, options);
  const service = spawn(program, args, { stdio: ["ignore", "ignore", "inherit"] });
  const [checker, check] = inRoot(folder, words(health), options);
  const deadline = Date.now() + HEALTHY_WITHIN_MS;
  let healthy = false;
  while (!healthy && service.exitCode === null && Date.now() < deadline) {
    await setTimeout(500);
    healthy = spawnSync(checker, check, { stdio: "ignore" }).status === 0;
  }
  service.kill("SIGKILL");
  redis.kill();
  return healthy;
}

async function buildImage(app, bases) {
  const { before, stages } = stagesOf(
    parseDockerfile(await readFile(join(REPOSITORY, "infra/docker/Dockerfile"), "utf8")),
  );
  const defaults = Object.fromEntries(before.map(({ argument }) => argument.split("=")));
  const buildArguments = { APP: app, NATIVE_SERVER: `npm:${CURRENT_SERVER.name}@${CURRENT_SERVER.version}` };
  const context = join(WORK, "context");
  await rm(context, { recursive: true, force: true });
  await copyContext(context);
  const folders = {};
  const states = {};
  for (const stage of stages) {
    const base = fillIn(stage.base, defaults);
    const from = folders[base] ?? (base.startsWith("node:") ? bases.node : bases.debian);
    const folder = join(WORK, stage.name);
    await rm(folder, { recursive: true, force: true });
    run("cp", ["--archive", from, folder]);
    folders[stage.name] = folder;
    const inherited = states[base];
    states[stage.name] = await runStage({ stage, folder, folders, context, buildArguments, inherited });
  }
  const lock = await readFile(join(folders.build, "repo/pnpm-lock.yaml"), "utf8");
  const hasServer = lock.includes(`${CURRENT_SERVER.name}@${CURRENT_SERVER.version}`);
  if (hasServer && !lock.includes(CURRENT_SERVER.sha512)) fail("The native server is not what it was.");
  return { folder: folders.runtime, state: states.runtime };
}

assertRootsCanBeBuilt();
const apps = process.argv.length > 2 ? process.argv.slice(2) : ["gateway", "listener", "admin"];
await mkdir(WORK, { recursive: true });
const bases = await buildBases();
let failed = false;
for (const app of apps) {
  if (PORTS[app] === undefined) fail(`There is no ${app}; there are ${Object.keys(PORTS).join(", ")}.`);
  const { folder, state } = await buildImage(app, bases);
  const files = read("find", [folder, "-xdev", "-type", "f"])
    .split("\n")
    .map((path) => path.slice(folder.length));
  const unwanted = files.filter((path) =>
    /\/bin\/(?:git|npm|pnpm|gcc|cc|make)$|\/app\/.*\.(?:test\.[cm]?js|[cm]?tsx?)$/.test(path),
  );
  const healthy = await isHealthy(app, folder, state);
  const [image, own] = [megabytes(folder), megabytes(join(folder, "app"))];
  const isGood = healthy && unwanted.length === 0 && image <= MAX_MB && state.user !== "0:0";
  failed ||= !isGood;
  process.stdout.write(
    `${app}: ${image.toFixed(0)} MB (${own.toFixed(0)} MB of ours in ${files.filter((path) => path.startsWith("/app/")).length} files), ` +
      `runs as ${state.user}, ${healthy ? "healthy" : "NOT HEALTHY"}${unwanted.length > 0 ? `, unwanted: ${unwanted.slice(0, 5).join(" ")}` : ""}` +
      `${image > MAX_MB ? `, above ${MAX_MB} MB` : ""}\n`,
  );
}
process.exitCode = failed ? 1 : 0;
