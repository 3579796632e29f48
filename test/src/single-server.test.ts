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

/** A program that a page shows, with the port of this test. */
function programOf(page: string, fits: RegExp): string {
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), "utf8");
  const code = [...text.matchAll(/```js\n([\s\S]*?)```/g)]
    .map(([, code]) => code ?? "")
    .find((code) => fits.test(code));
  if (code === undefined) throw new Error(`${page} shows no such program`);
  return code.replace("localhost:8080", `localhost:${port}`);
}

/** Runs a program as it stands until it has printed all of that. */
async function printing(
  code: string,
  {
    folder,
    args,
    expected,
  }: { folder: string; args: readonly string[]; expected: readonly (string | RegExp)[] },
): Promise<void> {
  const cwd = fileURLToPath(new URL(`../../${folder}`, import.meta.url));
  const client = spawn(process.execPath, [...args, "--eval", code], { cwd });
  let output = "";
  client.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  client.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  try {
    await eventually(() => {
      for (const text of expected) expect(output).toEqual(expect.stringMatching(text));
    }, 30_000);
  } finally {
    client.kill();
  }
}

describe("a single server with no Redis", () => {
  it("gives the five lines of the README prices, which the first example has as well", async () => {
    const code = programOf("README.md", /createClient/);
    const example = readFileSync(new URL("../../examples/node/prices.mjs", import.meta.url), "utf8");
    expect(example.replace("localhost:8080", `localhost:${port}`)).toBe(code);
    await printing(code, {
      folder: "examples/node",
      args: ["--import", import.meta.resolve("tsx"), "--conditions=@commcoin/source", "--input-type=module"],
      expected: [/^[1-9A-HJ-NP-Za-km-z]{32,44} 0\.\d+$/m],
    });
  });

  it("gives a client without the package, as the guide shows it, all that happens on the chain", async () => {
    const printed = printing(programOf("docs/client.md", /require\("ws"\)/), {
      folder: "test",
      args: ["--input-type=commonjs"],
      expected: ["connected", "subscribed", ...CHAIN_TYPES].map((type) => `Received: {\n  type: '${type}'`),
    });
    await expect(printed).resolves.toBeUndefined();
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
