// The whole product on one machine: builds it, runs a local Solana node unless SOLANA_RPC_URL names another one,
// and runs listener, gateway and admin in one process, with no Redis unless REDIS_URL names one.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";

if (existsSync(".env")) process.loadEnvFile(".env");
const given = (name) => (process.env[name] ?? "").trim() !== "";

process.stdout.write("Building what has changed; the first time takes a minute or two.\n");
const build = spawnSync("turbo", ["run", "build", "--output-logs=errors-only", "--log-prefix=none"], {
  stdio: ["ignore", "pipe", "inherit"],
});
if (build.status !== 0) {
  process.stderr.write(`${build.stdout.toString()}\nThe build failed; the messages above say why.\n`);
  process.exit(1);
}

const children = new Map();
let stopping = false;

function stop(exitCode) {
  if (stopping) return;
  stopping = true;
  process.exitCode = exitCode;
  children.get("standalone")?.kill("SIGTERM");
  if (!children.has("standalone")) children.get("localnet")?.kill("SIGTERM");
}

function start(name, script, { env = process.env, stdout = "inherit" } = {}) {
  // Detached, so that Ctrl-C reaches this process alone: a service takes a second signal for impatience.
  const child = spawn(process.execPath, [script], {
    stdio: ["ignore", stdout, "inherit"],
    env,
    detached: true,
  });
  children.set(name, child);
  child.on("exit", (code, signal) => {
    children.delete(name);
    if (!stopping) {
      process.stderr.write(`${name} ended unexpectedly (${signal ?? `exit code ${code}`}).\n`);
      stop(1);
    }
    // The listener goes before the node that it listens to.
    children.get("localnet")?.kill("SIGTERM");
    if (children.size === 0) process.exit();
  });
  return child;
}

/** Its first line says that it is ready. */
async function startLocalnet() {
  const { stdout } = start("localnet", "packages/localnet/dist/main.js", { stdout: "pipe" });
  stdout.pipe(process.stdout, { end: false });
  await once(stdout, "data");
}

process.on("SIGINT", () => stop(0));
process.on("SIGTERM", () => stop(0));

if (!given("SOLANA_RPC_URL")) await startLocalnet();
if (!stopping) {
  const env = { ...process.env, MESSAGE_BROKER_ENABLED: given("REDIS_URL") ? "true" : "false" };
  start("standalone", "apps/standalone/dist/main.js", { env });
}
