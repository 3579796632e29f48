// The whole product on one machine: builds it, runs a local Solana node unless SOLANA_RPC_URL names another one,
// and runs listener, gateway and admin in one process, with no Redis unless REDIS_URL names one.
import "../packages/service/supported-node.mjs";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout } from "node:timers/promises";
import { nativeServerProblem } from "./native-server.mjs";

if (existsSync(".env")) process.loadEnvFile(".env");
const wrongServer = nativeServerProblem();
if (wrongServer !== null) {
  process.stderr.write(`${wrongServer}\n`);
  process.exit(1);
}
const given = (name) => (process.env[name] ?? "").trim() !== "";

function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

/** By port, the variable that set it. */
const taken = new Map();
function portOf(variable, usual) {
  const port = given(variable) ? Number(process.env[variable]) : usual;
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    fail(`${variable} must be a port, from 1 to 65535.`);
  if (taken.has(port))
    fail(`${variable} and ${taken.get(port)} are both ${port}: set one of them to another port.`);
  taken.set(port, variable);
  return port;
}
const ownNode = !given("SOLANA_RPC_URL");
const ports = {
  gateway: portOf("WEBSOCKET_PORT", 8080),
  admin: portOf("ADMIN_PORT", 8081),
  listener: portOf("LISTENER_PORT", 8082),
  ...(ownNode && { rpc: portOf("LOCALNET_HTTP_PORT", 8899), pubsub: portOf("LOCALNET_WS_PORT", 8900) }),
};

/** Before the build, which takes longer than whoever has to choose another port likes to wait. */
async function assertFree(port, variable) {
  const server = createServer();
  server.listen(port, "127.0.0.1");
  await Promise.race([
    once(server, "listening"),
    once(server, "error").then(([error]) => Promise.reject(error)),
  ]).catch((error) => {
    process.stderr.write(
      `Port ${port} cannot be used (${error.code}). Stop what listens there, or set ${variable} to another one.\n`,
    );
    process.exit(1);
  });
  server.close();
  await once(server, "close");
}
await assertFree(ports.gateway, "WEBSOCKET_PORT");
await assertFree(ports.admin, "ADMIN_PORT");
await assertFree(ports.listener, "LISTENER_PORT");
if (ownNode) {
  await assertFree(ports.rpc, "LOCALNET_HTTP_PORT");
  await assertFree(ports.pubsub, "LOCALNET_WS_PORT");
}

process.stdout.write("Building what has changed; the first time takes a minute or two.\n");
const build = spawnSync("turbo", ["run", "build", "--output-logs=errors-only", "--log-prefix=none"], {
  stdio: ["ignore", "pipe", "inherit"],
});
if (build.error !== undefined) {
  process.stderr.write("Run this through pnpm, which knows where turbo is: npx -y pnpm@12.21.0 start\n");
  process.exit(1);
}
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

function start(name, script, { args = [], env = process.env, stdout = "inherit" } = {}) {
  // Detached, so that Ctrl-C reaches this process alone: a service takes a second signal for impatience.
  const child = spawn(process.execPath, [script, ...args], {
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
    if (children.size > 0) return;
    process.stdout.write("Stopped.\n");
    process.exit();
  });
  return child;
}

/** Its first line says that it is ready. */
async function startLocalnet() {
  const args = ["--http-port", String(ports.rpc), "--ws-port", String(ports.pubsub)];
  const { stdout } = start("localnet", "packages/localnet/dist/main.js", { args, stdout: "pipe" });
  stdout.pipe(process.stdout, { end: false });
  await once(stdout, "data");
}

process.on("SIGINT", () => stop(0));
process.on("SIGTERM", () => stop(0));

const isReady = (port) =>
  fetch(`http://127.0.0.1:${port}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );
const areReady = async () => (await isReady(ports.gateway)) && (await isReady(ports.listener));
async function announce() {
  for (;;) {
    if (stopping || (await areReady())) break;
    await setTimeout(200);
  }
  if (stopping) return;
  const node = ownNode
    ? `http://localhost:${ports.rpc}, a local Solana node with a token market`
    : "as SOLANA_RPC_URL says";
  process.stdout.write(`
  Ready.

  clients   ws://localhost:${ports.gateway}/ws
  dashboard http://localhost:${ports.admin}
  admin API http://localhost:${ports.admin}/docs
  health    http://localhost:${ports.listener}/readyz
  node      ${node}

  See the market move:  node packages/cli/dist/main.js tail market_data${ports.gateway === 8080 ? "" : ` --gateway ws://localhost:${ports.gateway}/ws`}
  Stop:                 Ctrl-C

`);
}

if (ownNode) await startLocalnet();
if (!stopping) {
  const node = ownNode
    ? { SOLANA_RPC_URL: `http://localhost:${ports.rpc}`, SOLANA_WS_URL: `ws://localhost:${ports.pubsub}` }
    : {};
  const env = { ...process.env, ...node, MESSAGE_BROKER_ENABLED: given("REDIS_URL") ? "true" : "false" };
  start("standalone", "apps/standalone/dist/main.js", { env });
  await announce();
}
