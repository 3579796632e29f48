import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { startRedisServer } from "@commcoin/broker/testing";
import { createLocalnet } from "@commcoin/localnet";
import { eventually } from "@commcoin/tsconfig/eventually";
import { afterEach, expect, it } from "vitest";
import { openClient } from "./support/message-client.ts";
import { killAll } from "./support/service-process.ts";
import { startService } from "./support/start-service.ts";

const run = promisify(execFile);
const MAIN = new URL("../../packages/cli/src/main.ts", import.meta.url).pathname;
const trace = async (...args: readonly string[]) =>
  run(process.execPath, ["--import", "tsx", "--conditions=@commcoin/source", MAIN, "trace", ...args]);

interface Line {
  readonly topic: string;
  readonly msg: string;
  readonly server: string;
}

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

it("follows a message from slot to socket through the logs of separate services", async () => {
  const redis = await startRedisServer();
  ends.push(() => redis.stop());
  const localnet = await createLocalnet({ slotMs: 100, market: { transactionsPerSecond: 10 } });
  ends.push(() => localnet.stop(), killAll);
  const env = {
    REDIS_URL: redis.url,
    SOLANA_RPC_URL: localnet.httpUrl,
    SOLANA_WS_URL: localnet.wsUrl,
    RUST_LOG: "transaction_listener=debug,message_broker=trace,websocket=trace",
  };
  const services = await Promise.all([
    startService("gateway", { ...env, SERVER_ID: "gateway-1" }),
    startService("gateway", { ...env, SERVER_ID: "gateway-2" }),
    startService("listener", { ...env, SERVER_ID: "listener-1" }),
  ]);
  const clients = await Promise.all(
    services
      .slice(0, 2)
      .map(({ port }) => openClient(`ws://127.0.0.1:${port}/ws?subscriptions=token_updates`)),
  );
  ends.push(() => Promise.all(clients.map((client) => client.close())));
  // Its subscription is older than what comes now.
  const late = await clients[0]?.waitFor(
    ({ type, offset }) => type === "TokenPriceUpdate" && (offset ?? 0) > 20,
  );
  await clients[1]?.waitFor(({ id }) => id === late?.id);
  const id = String(late?.id);

  const folder = await mkdtemp(join(tmpdir(), "commcoin-trace-"));
  ends.push(() => rm(folder, { recursive: true }));
  const files = services.map((_, index) => join(folder, `${index}.log`));
  await eventually(async () => {
    await Promise.all(
      services.map(({ process: { lines } }, index) =>
        writeFile(files[index] ?? "", lines.map((line) => `${JSON.stringify(line)}\n`).join("")),
      ),
    );
    const { stdout } = await trace(id, ...files, "--json");
    const found = JSON.parse(stdout) as readonly Line[];
    // The same event is in the coin's own topic as well, to which nobody listens.
    const shared = found.filter(({ topic }) => topic === "token_updates");
    const said = shared.map(({ server, msg }) => `${server} ${msg}`).toSorted();
    expect(said).toEqual([
      "gateway-1 received from the broker",
      "gateway-1 written to sockets",
      "gateway-2 received from the broker",
      "gateway-2 written to sockets",
      "listener-1 published",
    ]);
  });

  const { stdout } = await trace(id.split(":")[0] ?? "", ...files);
  expect(stdout).toMatch(
    /listener-1\s+transaction_listener\s+transaction\s+slot \d+, (?:live|backfill|audit)/,
  );
  expect(stdout).toMatch(/gateway-2\s+websocket\s+written to sockets\s+token_updates#\d+\s+1 sockets/);
  await expect(trace("nobody-knows-it", ...files)).rejects.toThrow("Nothing in these logs is about");
  await expect(trace(id, join(folder, "none.log"))).rejects.toThrow("Cannot read the log");
}, 90_000);
