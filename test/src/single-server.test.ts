import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createLocalnet, type Localnet } from "@commcoin/localnet";
import { connectionStats, downFrame } from "@commcoin/protocol";
import { eventually } from "@commcoin/tsconfig/eventually";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openClient } from "./support/message-client.ts";
import { killAll, startProcess, type ServiceProcess } from "./support/service-process.ts";

const CHAIN_TYPES = ["TokenCreated", "TokenPriceUpdate", "TransactionUpdate", "MarketData"];

let localnet: Localnet;
let standalone: ServiceProcess;
let port: number;

beforeAll(async () => {
  localnet = await createLocalnet({
    httpPort: 0,
    wsPort: 0,
    slotMs: 100,
    market: { transactionsPerSecond: 20 },
  });
  standalone = startProcess("apps/standalone/src/main.ts", {
    MESSAGE_BROKER_ENABLED: "false",
    TRANSACTION_LISTENER_ENABLED: "true",
    WEBSOCKET_MAX_CONNECTIONS: "1000",
    SERVER_ID: "server-1",
    WEBSOCKET_PORT: "0",
    ADMIN_PORT: "0",
    LISTENER_PORT: "0",
    SOLANA_RPC_URL: localnet.httpUrl,
    SOLANA_WS_URL: localnet.wsUrl,
  });
  const ready = await standalone.says(
    ({ module, port }) => module === "websocket" && typeof port === "number",
  );
  port = ready.port as number;
});

afterAll(async () => {
  await killAll();
  await localnet.stop();
});

/** The client that the README shows, with the port of this test. */
function readmeClient(): string {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const [, code] = /```js\n([\s\S]*?)```/.exec(readme) ?? [];
  if (code === undefined) throw new Error("The README shows no client");
  return code.replace("localhost:8080", `localhost:${port}`);
}

describe("a single server with no Redis", () => {
  it("gives the client of the README, run as it stands, all that happens on the chain", async () => {
    const cwd = fileURLToPath(new URL("..", import.meta.url));
    const client = spawn(process.execPath, ["--input-type=commonjs", "--eval", readmeClient()], { cwd });
    let output = "";
    client.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    client.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
    try {
      await eventually(() => {
        for (const type of ["connected", "subscribed", ...CHAIN_TYPES]) {
          expect(output).toContain(`Received: {\n  type: '${type}'`);
        }
      }, 30_000);
    } finally {
      client.kill();
    }
  });

  it("sends nothing but frames of the protocol", async () => {
    const client = await openClient(
      `ws://localhost:${port}/ws?subscriptions=token_updates,transactions,market_data`,
    );
    for (const type of CHAIN_TYPES) await client.waitFor((frame) => frame.type === type);
    await client.close();
    for (const frame of client.frames) expect(() => downFrame.parse(frame)).not.toThrow();
  }, 30_000);

  it("answers for its connections with exactly four fields and true numbers", async () => {
    const stats = async (): Promise<unknown> =>
      (await fetch(`http://localhost:${port}/api/ws/connections`)).json();
    const nobody = { total_connections: 0, active_users: 0, subscriptions: 0, server_id: "server-1" };
    await eventually(async () => expect(await stats()).toEqual(nobody));
    const url = `ws://localhost:${port}/ws`;
    const clients = await Promise.all([
      openClient(url),
      openClient(`${url}?user_id=123&subscriptions=token_updates,transactions`),
      openClient(`${url}?user_id=123`),
    ]);
    clients[2].send({ type: "subscribe", data: { topic: "market_data" } });
    await clients[2].waitFor(({ type }) => type === "subscribed");
    expect(connectionStats.parse(await stats())).toEqual({
      total_connections: 3,
      active_users: 1,
      subscriptions: 3,
      server_id: "server-1",
    });
    await Promise.all(clients.map((client) => client.close()));
    await eventually(async () => expect(await stats()).toEqual(nobody));
  });

  it("ends with 0 on SIGTERM", async () => {
    standalone.kill("SIGTERM");
    expect(await standalone.exit).toEqual({ code: 0, signal: null });
  });
});
