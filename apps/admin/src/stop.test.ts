import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createMemoryBroker } from "@commcoin/broker";
import { loadConfig } from "@commcoin/service/config";
import { silentLogger } from "@commcoin/service/telemetry";
import { afterEach, describe, expect, it } from "vitest";
import { createAdmin, type Admin } from "./admin.ts";
import { adminVariables } from "./config.ts";
import { broadcast, TOKEN } from "./testing/app.ts";

const STOPS_WITHIN_MS = 6_000;

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

async function start(host: string | undefined, broker = createMemoryBroker()): Promise<Admin> {
  const env = { SERVER_ID: "admin-1", ADMIN_PORT: "0", ADMIN_TOKEN: TOKEN, ADMIN_HOST: host };
  const admin = createAdmin({ config: loadConfig(adminVariables, env), broker, logger: silentLogger });
  await admin.start();
  return admin;
}

/** A client that says so much and no more. */
async function open(port: number, host: string, text: string): Promise<Socket> {
  const socket = connect(port, host);
  sockets.push(socket);
  socket.on("error", () => {});
  await once(socket, "connect");
  if (text !== "") await new Promise((resolve) => socket.write(text, resolve));
  return socket;
}

const closing = (socket: Socket): Promise<void> =>
  new Promise((resolve) => socket.resume().once("close", () => resolve()));

const stopMs = async (admin: Admin): Promise<number> => {
  const since = performance.now();
  await admin.stop();
  return performance.now() - since;
};

const POST = `POST /api/ws/broadcast HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${TOKEN}\r\ncontent-type: application/json\r\n`;

describe("stopping", () => {
  it.each([
    ["nothing", ""],
    ["half a request line", "GET /hea"],
    ["half of the headers", "GET /healthz HTTP/1.1\r\nHost: x\r\n"],
    ["half a body", `${POST}content-length: 50\r\n\r\n{`],
    ["a body in chunks without an end", `${POST}transfer-encoding: chunked\r\n\r\n1\r\n{\r\n`],
    ["a whole request, and half of the next one", "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /heal"],
  ])("is not held up by clients that sent %s", async (_name, text) => {
    const admin = await start(undefined);
    const clients = await Promise.all(Array.from({ length: 3 }, () => open(admin.port, "127.0.0.1", text)));
    const closed = clients.map(closing);
    expect(await stopMs(admin)).toBeLessThan(STOPS_WITHIN_MS);
    await Promise.all(closed);
  });

  it("ends connections to each address that a name has", async () => {
    const admin = await start("localhost");
    const hosts = ["127.0.0.1", "::1"];
    const clients = await Promise.allSettled(hosts.map((host) => open(admin.port, host, "GET")));
    const connected = clients.flatMap((client) => (client.status === "fulfilled" ? [client.value] : []));
    expect(connected.length).toBeGreaterThan(0);
    const closed = connected.map(closing);
    expect(await stopMs(admin)).toBeLessThan(STOPS_WITHIN_MS);
    await Promise.all(closed);
  });

  it("answers what it was asked before", async () => {
    const broker = createMemoryBroker();
    const admin = await start(undefined, broker);
    const publish = broker.publish.bind(broker);
    let go = (): void => {};
    const asked = new Promise<void>((resolve) => {
      const going = new Promise<void>((release) => (go = release));
      broker.publish = async (messages) => {
        resolve();
        await going;
        return publish(messages);
      };
    });
    const answer = fetch(`http://127.0.0.1:${admin.port}/api/ws/broadcast`, {
      method: "POST",
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
      body: JSON.stringify(broadcast().payload),
    });
    await asked;
    const stopped = admin.stop();
    go();
    expect((await answer).status).toBe(200);
    await stopped;
  });
});
