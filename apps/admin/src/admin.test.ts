import { networkInterfaces } from "node:os";
import { createMemoryBroker, type Broker } from "@commcoin/broker";
import { loadConfig, type Environment } from "@commcoin/service/config";
import { silentLogger } from "@commcoin/service/telemetry";
import { afterEach, describe, expect, it } from "vitest";
import { createAdmin, type Admin } from "./admin.ts";
import { adminVariables } from "./config.ts";
import { NOTIFICATION, TOKEN } from "./testing/app.ts";

const running: Admin[] = [];
afterEach(async () => {
  for (const admin of running.splice(0)) await admin.stop();
});

const createTestAdmin = (env: Environment = {}, broker: Broker = createMemoryBroker()): Admin => {
  const admin = createAdmin({
    config: loadConfig(adminVariables, { SERVER_ID: "admin-1", ADMIN_PORT: "0", ADMIN_TOKEN: TOKEN, ...env }),
    broker,
    logger: silentLogger,
  });
  running.push(admin);
  return admin;
};

describe("createAdmin", () => {
  it("answers on a real socket, on both versions of IP", async () => {
    const admin = createTestAdmin();
    await admin.start();
    const addresses = Object.values(networkInterfaces()).flatMap(
      (list) => list?.map(({ address }) => address) ?? [],
    );
    const hosts = addresses.includes("::1") ? ["127.0.0.1", "[::1]"] : ["127.0.0.1"];
    for (const host of hosts) {
      const answer = await fetch(`http://${host}:${admin.port}/api/ws/connections`);
      expect(await answer.json()).toMatchObject({ total_connections: 0, server_id: "admin-1" });
    }
  });

  it("publishes what comes over a real socket with the token, and nothing without it", async () => {
    const broker = createMemoryBroker();
    const admin = createTestAdmin({}, broker);
    await admin.start();
    const send = (headers: Record<string, string>) =>
      fetch(`http://127.0.0.1:${admin.port}/api/ws/broadcast`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify({ type: "Notification", data: NOTIFICATION, target: { all: true } }),
      });
    expect((await send({})).status).toBe(401);
    expect((await send({ authorization: `Bearer ${TOKEN}` })).status).toBe(200);
    expect((await broker.positions(["broadcast"]))[0]?.offset).toBe(1);
  });

  it("takes what a proxy on this machine forwards for a stranger's", async () => {
    const admin = createTestAdmin({ ADMIN_HOST: "127.0.0.1" });
    await admin.start();
    const headers = { "x-forwarded-for": "203.0.113.9" };
    const answer = await fetch(`http://127.0.0.1:${admin.port}/api/servers`, { headers });
    expect(answer.status).toBe(401);
  });

  it("is a member of the registry while it runs", async () => {
    const broker = createMemoryBroker();
    const admin = createTestAdmin({}, broker);
    await admin.start();
    const list = () => broker.registry.servers();
    await expect.poll(list).toMatchObject([{ server_id: "admin-1", service: "admin", state: "ready" }]);
    await admin.stop();
    expect(await list()).toEqual([]);
  });

  it("says what to do when its port is taken", async () => {
    const first = createTestAdmin();
    await first.start();
    const second = createTestAdmin({ ADMIN_PORT: String(first.port) });
    await expect(second.start()).rejects.toMatchObject({
      name: "StartError",
      message: expect.stringMatching(/:\d+: something else listens there already; .*ADMIN_PORT/),
    });
  });

  it("can be stopped twice, and before it started", async () => {
    const admin = createTestAdmin();
    await admin.stop();
    await admin.start();
    const { port } = admin;
    await admin.stop();
    await admin.stop();
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow(/fetch failed/);
  });
});
