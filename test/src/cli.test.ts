import { createAdmin, adminConfig } from "@commcoin/admin";
import { createMemoryBroker, type Broker } from "@commcoin/broker";
import { runProgram } from "@commcoin/cli";
import { createGateway, gatewayConfig, type Gateway } from "@commcoin/gateway";
import { loadConfig } from "@commcoin/service/config";
import { silentLogger } from "@commcoin/service/telemetry";
import { eventually } from "@commcoin/tsconfig/eventually";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openClient, type MessageClient } from "./support/message-client.ts";

const TOKEN = "an-admin-token-of-the-test";
const BASE = {
  MESSAGE_BROKER_ENABLED: "true",
  ADMIN_PORT: "0",
  WEBSOCKET_PORT: "0",
  SHUTDOWN_DRAIN_SECONDS: "0",
};

let broker: Broker;
let gateway: Gateway;
let admin: ReturnType<typeof createAdmin>;
const clients: MessageClient[] = [];

beforeAll(async () => {
  broker = createMemoryBroker();
  await broker.start();
  gateway = createGateway({
    config: loadConfig(gatewayConfig, { ...BASE, SERVER_ID: "gateway-1" }),
    broker,
    logger: silentLogger,
  });
  admin = createAdmin({
    config: loadConfig(adminConfig, { ...BASE, SERVER_ID: "admin-1", ADMIN_TOKEN: TOKEN }),
    broker,
    logger: silentLogger,
  });
  await gateway.start();
  await admin.start();
});

afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await gateway.stop();
  await admin.stop();
  await broker.close();
});

async function run(args: readonly string[], env: Record<string, string> = {}) {
  let out = "";
  let err = "";
  const code = await runProgram(
    {
      env: {
        COMMCOIN_ADMIN_URL: `http://localhost:${admin.port}`,
        COMMCOIN_GATEWAY_URL: `ws://localhost:${gateway.port}/ws`,
        ADMIN_TOKEN: TOKEN,
        ...env,
      },
      write: (text) => (out += text),
      warn: (text) => (err += text),
      signal: new AbortController().signal,
    },
    args,
  );
  return { code, out, err };
}

const connect = async (query: string): Promise<MessageClient> => {
  const client = await openClient(`ws://127.0.0.1:${gateway.port}/ws?${query}`);
  clients.push(client);
  await client.waitFor(({ type }) => type === "connected");
  return client;
};

describe("the commcoin command, with a real gateway and admin service", () => {
  it("publishes, once for an id, and shows the topic", async () => {
    const first = await run(["publish", "--topic", "notifications", "--title", "Hello", "--id", "hello-1"]);
    expect(first).toMatchObject({ code: 0, err: "" });
    expect(first.out).toContain("Published to notifications at offset 1, id hello-1.");
    const again = await run(["publish", "--topic", "notifications", "--title", "Hello", "--id", "hello-1"]);
    expect(again.out).toContain("Published before: notifications, offset 1");

    const shown = await run(["tail", "notifications", "--last", "1", "--count", "1", "--json"]);
    expect(shown).toMatchObject({ code: 0, err: "" });
    expect(JSON.parse(shown.out)).toMatchObject({ id: "hello-1", offset: 1, data: { title: "Hello" } });
  });

  it("passes on what the services refuse, in their words", async () => {
    const data = JSON.stringify({ title: "no type" });
    expect(await run(["publish", "--all", "--data", data])).toMatchObject({
      code: 1,
      err: expect.stringContaining("notification_type") as string,
    });
    expect(
      (await run(["publish", "--all", "--title", "x", "--token", "wrong-token-of-the-test"])).err,
    ).toContain("Give its token with --token, or in ADMIN_TOKEN.");
    const refused = await run(["tail", "user:somebody-else"]);
    expect(refused.code).toBe(1);
    expect(refused.err).toContain("forbidden");
  });

  it("lists servers and connections, and ends those of a user", async () => {
    const ann = await connect("user_id=ann&subscriptions=market_data");
    await connect("user_id=bob");
    const servers = await run(["servers"]);
    expect(servers.out).toMatch(/^gateway-1 +gateway +ready +healthy/m);

    const listed = await run(["connections", "--user", "ann"]);
    expect(listed.out.trim().split("\n")).toHaveLength(2);
    expect(listed.out).toContain("market_data");
    const limited = await run(["connections", "--limit", "1"]);
    expect(limited.err).toBe("There are more: --limit shows them.\n");

    const ended = await run(["disconnect", "--user", "ann"]);
    expect(ended).toMatchObject({ code: 0, err: "" });
    await eventually(async () => expect((await run(["connections", "--user", "ann"])).out).toBe("None.\n"));
    expect(ann.frames.length).toBeGreaterThan(0);
  });

  it("drains a gateway", async () => {
    const answer = await run(["drain", "gateway-1", "--json"]);
    expect(JSON.parse(answer.out)).toMatchObject({ server_id: "gateway-1" });
    expect(await run(["drain", "gateway-9"])).toMatchObject({ code: 1 });
  });
});
