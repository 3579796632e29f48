import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startRedisServer, type RedisServer } from "@commcoin/broker/testing";
import { createLocalnet, type Localnet } from "@commcoin/localnet";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openClient } from "../support/message-client.ts";
import { killAll, startProcess, type ServiceProcess } from "../support/service-process.ts";

const REPOSITORY = fileURLToPath(new URL("../../../", import.meta.url));
const [MAJOR = ""] = process.versions.node.split(".");
const ARCHIVE_MAX_BYTES = 20_000_000;

const work = mkdtempSync(join(tmpdir(), "commcoin-release-"));
let archive = "";
/** Where the archive is unpacked: away from the repository, with nothing beside it. */
let folder = "";
let files: readonly string[] = [];
let redis: RedisServer;
let localnet: Localnet;

beforeAll(async () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(REPOSITORY, "scripts/package.mjs"), "--out", work],
    {
      env: { ...process.env, PATH: `${join(REPOSITORY, "node_modules/.bin")}:${process.env["PATH"]}` },
      encoding: "utf8",
    },
  );
  if (status !== 0) throw new Error(stdout + stderr);
  archive = stdout.split("\n").find((line) => line.endsWith(".tar.gz")) ?? "";
  spawnSync("tar", ["--extract", "--file", archive, "--directory", work]);
  folder = archive.slice(0, -".tar.gz".length);
  files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  redis = await startRedisServer();
  localnet = await createLocalnet({
    httpPort: 0,
    wsPort: 0,
    slotMs: 100,
    market: { transactionsPerSecond: 20 },
  });
}, 600_000);

afterEach(killAll);

afterAll(async () => {
  rmSync(work, { recursive: true, force: true });
  await localnet.stop();
  await redis.stop();
});

/** Runs a service of the archive as a server would that has a Node and nothing else, and resolves once it listens. */
async function start(
  service: string,
  env: Readonly<Record<string, string>>,
): Promise<{ port: number; process: ServiceProcess }> {
  const process = startProcess(
    join(folder, `${service}.js`),
    {
      PATH: "",
      SERVER_ID: `${service}-1`,
      WEBSOCKET_PORT: "0",
      ADMIN_PORT: "0",
      LISTENER_PORT: "0",
      AUTH_MODE: "none",
      ...env,
    },
    "/",
    [],
  );
  const { port } = await process.says(
    (line) =>
      typeof line["port"] === "number" && (service !== "standalone" || line["module"] === "websocket"),
  );
  return { port: Number(port), process };
}

const solana = () => ({ SOLANA_RPC_URL: localnet.httpUrl, SOLANA_WS_URL: localnet.wsUrl });

async function receivesPrices(port: number): Promise<void> {
  const client = await openClient(`ws://127.0.0.1:${port}/ws?user_id=ann&subscriptions=token_updates`);
  await client.waitFor(({ type }) => type === "TokenPriceUpdate");
  await client.close();
}

describe("the archive", () => {
  it("has the checksum beside it, and is small", () => {
    const bytes = readFileSync(archive);
    expect(readFileSync(`${archive}.sha256`, "utf8")).toBe(
      `${createHash("sha256").update(bytes).digest("hex")}  ${archive.slice(work.length + 1)}\n`,
    );
    expect(bytes.byteLength).toBeLessThan(ARCHIVE_MAX_BYTES);
  });

  it("says what it is", () => {
    const { version } = JSON.parse(readFileSync(join(REPOSITORY, "package.json"), "utf8")) as {
      version: string;
    };
    expect(JSON.parse(readFileSync(join(folder, "release.json"), "utf8"))).toMatchObject({
      version,
      node: Number(MAJOR),
      platform: process.platform,
      arch: process.arch,
    });
  });

  it("has native binaries for this machine only, and nothing that is for development", () => {
    const native = files.filter((file) => /uws_.*\.node$/.test(file));
    expect(native.length).toBeGreaterThan(0);
    const here = `uws_${process.platform}_${process.arch}_${process.versions.modules}.node`;
    for (const file of native) expect(file.endsWith(here)).toBe(true);
    const development =
      /(^|\/)node_modules\/(typescript|vitest|tsx|esbuild|litesvm|@commcoin\/(localnet|harness|tsconfig))\/|\.[cm]?tsx?$|\.test\./;
    expect(files.filter((file) => development.test(file))).toEqual([]);
  });

  it("looks at its Node before it runs anything else", () => {
    const built = files.filter((file) =>
      /^node_modules\/@commcoin\/(gateway|listener|admin|standalone)\/dist\/[^/]+\.js$/.test(file),
    );
    expect(built.length).toBeGreaterThan(4);
    for (const file of built) {
      const first = /^(?:#!.*\n)?(.*)/.exec(readFileSync(join(folder, file), "utf8"))?.[1];
      expect([file, first]).toEqual([file, 'import "@commcoin/service/supported-node";']);
    }
  });

  it("does not tell where it was built", () => {
    const texts = files.filter((file) => /\.(js|mjs|cjs|json|ya?ml|map|html|service|conf)$/.test(file));
    const telling = texts.filter((file) => {
      const path = join(folder, file);
      return statSync(path).isFile() && readFileSync(path, "utf8").includes(REPOSITORY);
    });
    expect(telling).toEqual([]);
  });
});

describe("from the archive, in an empty folder, with nothing but Node", () => {
  it("runs everything in one process", async () => {
    const { port, process } = await start("standalone", { ...solana(), MESSAGE_BROKER_ENABLED: "false" });
    await receivesPrices(port);
    process.kill("SIGTERM");
    expect(await process.exit).toEqual({ code: 0, signal: null });
  });

  it("runs each service by itself, with its dashboard and its documents", async () => {
    const env = { ...solana(), REDIS_URL: redis.url };
    const [gateway, , admin] = await Promise.all([
      start("gateway", env),
      start("listener", { ...env, TRANSACTION_LISTENER_TOKENS: "all" }),
      start("admin", { ...env, DASHBOARD_GATEWAY_URL: "ws://127.0.0.1:8080/ws" }),
    ]);
    await receivesPrices(gateway.port);
    for (const [path, text] of [
      ["/", "<!doctype html>"],
      ["/docs/static/index.html", "swagger"],
      ["/healthz", "ok"],
    ] as const) {
      const response = await fetch(`http://127.0.0.1:${admin.port}${path}`);
      expect([path, response.status]).toEqual([path, 200]);
      expect((await response.text()).toLowerCase()).toContain(text);
    }
  });

  it("runs a gateway with workers", async () => {
    const { port, process } = await start("gateway", { REDIS_URL: redis.url, GATEWAY_WORKERS: "2" });
    const client = await openClient(`ws://127.0.0.1:${port}/ws`);
    const { data } = await client.waitFor(({ type }) => type === "connected");
    expect((data as { server_id: string }).server_id).toMatch(/^gateway-1-[12]$/);
    process.kill("SIGTERM");
    expect(await process.exit).toEqual({ code: 0, signal: null });
  });

  it("has the command line", () => {
    const { status, stdout } = spawnSync(process.execPath, [join(folder, "commcoin.js"), "--help"], {
      encoding: "utf8",
      env: {},
    });
    expect([status, stdout]).toEqual([0, expect.stringContaining("Usage: commcoin")]);
  });
});
