import { createMemoryBroker } from "@commcoin/broker";
import { createServer, type AddressInfo } from "node:net";
import { eventually } from "@commcoin/tsconfig/eventually";
import { fastest } from "@commcoin/tsconfig/fastest";
import { describe, expect, it } from "vitest";
import { connect } from "./testing/test-client.ts";
import { handshake } from "./testing/raw-socket.ts";
import { startTestGateway } from "./testing/test-gateway.ts";

const SHORTLY_MS = 2_000;

describe("heartbeat", () => {
  it("closes a client that does not answer pings, cleans up, and keeps one that does", async () => {
    const { client, stats, gateway } = await startTestGateway({ WEBSOCKET_HEARTBEAT_INTERVAL: "1" });
    const lively = await client("user_id=lively");
    const silent = await connect(
      `ws://127.0.0.1:${gateway.port}/ws?user_id=silent&subscriptions=market_data`,
      { autoPong: false },
    );
    let pings = 0;
    lively.socket.on("ping", () => {
      pings += 1;
    });
    expect(await stats()).toMatchObject({ total_connections: 2, subscriptions: 1 });
    expect(await silent.closed).toEqual({ code: 3012, reason: "no pong" });
    expect(await stats()).toMatchObject({ total_connections: 1, active_users: 1, subscriptions: 0 });
    await eventually(() => expect(pings).toBeGreaterThanOrEqual(3));
    expect(await lively.settled()).toEqual([]);
  });

  it("takes any frame as a sign of life", async () => {
    const { gateway } = await startTestGateway({ WEBSOCKET_HEARTBEAT_INTERVAL: "1" });
    const chatty = await connect(`ws://127.0.0.1:${gateway.port}/ws`, { autoPong: false });
    let pings = 0;
    chatty.socket.on("ping", () => {
      pings += 1;
      chatty.send({ type: "ping" });
    });
    await eventually(() => expect(pings).toBeGreaterThanOrEqual(3));
    expect(chatty.socket.readyState).toBe(1);
    chatty.socket.terminate();
  });
});

describe("control messages", () => {
  it("disconnect one connection, and nobody else", async () => {
    const { open, broker, stats } = await startTestGateway();
    const [target, other] = [await open("user_id=a"), await open("user_id=a")];
    const id = (await target.next()).data.connection_id as string;
    await other.next();
    await broker.control.send({ all: true }, { type: "disconnect_connection", connection_id: id });
    expect(await target.closed).toEqual({ code: 3503, reason: "disconnected by an operator" });
    expect(await other.settled()).toEqual([]);
    expect(await stats()).toMatchObject({ total_connections: 1, active_users: 1 });
  });

  it("disconnect all connections of a user on all servers, and nobody else", async () => {
    const broker = createMemoryBroker();
    const here = await startTestGateway({}, { broker });
    const there = await startTestGateway({ SERVER_ID: "server-2" }, { broker });
    const targets = [
      await here.client("user_id=a"),
      await here.client("user_id=a"),
      await there.client("user_id=a"),
    ];
    const other = await there.client("user_id=b");
    await broker.control.send({ user_id: "a" }, { type: "disconnect_user", user_id: "a" });
    for (const { closed } of targets) expect((await closed).code).toBe(3503);
    expect(await other.settled()).toEqual([]);
  });

  it("drain one server: no new connections, not ready, everybody else stays", async () => {
    const broker = createMemoryBroker();
    const here = await startTestGateway({}, { broker });
    const there = await startTestGateway({ SERVER_ID: "server-2" }, { broker });
    const [leaving, staying] = [await here.client(), await there.client()];
    await broker.control.send({ server_id: "server-1" }, { type: "drain" });
    expect((await leaving.closed).code).toBe(3001);
    const { status, headers, body } = await handshake(here.url);
    expect([status, headers["retry-after"]]).toEqual([503, "2"]);
    expect(JSON.parse(body)).toMatchObject({ code: "draining" });
    const ready = await fetch(`${here.httpUrl}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ checks: { draining: { ok: false }, broker: { ok: true } } });
    expect((await fetch(`${here.httpUrl}/healthz`)).status).toBe(200);
    expect(await staying.settled()).toEqual([]);
  });
});

describe("stop", () => {
  it("closes everybody over the given time, each with a delay to reconnect after, and then the port", async () => {
    const { client, gateway, broker, url } = await startTestGateway({ SHUTDOWN_DRAIN_SECONDS: "1" });
    const clients = await Promise.all(Array.from({ length: 20 }, () => client("user_id=a")));
    const closedAt: number[] = [];
    for (const { closed } of clients) void closed.then(() => closedAt.push(performance.now()));
    const stopping = gateway.stop();
    const closes = await Promise.all(clients.map(({ closed }) => closed));
    await stopping;
    for (const { code, reason } of closes) {
      expect(code).toBe(3001);
      expect(reason).toMatch(/^shutdown; reconnect in \d+ ms$/);
    }
    expect(new Set(closes.map(({ reason }) => reason)).size).toBeGreaterThan(10);
    expect((closedAt.at(-1) ?? 0) - (closedAt[0] ?? 0)).toBeGreaterThan(500);
    expect(await broker.registry.servers()).toEqual([]);
    await expect(connect(url)).rejects.toThrow("ECONNREFUSED");
    expect(gateway.stats()).toMatchObject({ total_connections: 0, active_users: 0, subscriptions: 0 });
  });

  it("takes no time when nobody is connected, and may be asked for twice", async () => {
    const { gateway } = await startTestGateway({ SHUTDOWN_DRAIN_SECONDS: "300" });
    await Promise.all([gateway.stop(), gateway.stop()]);
    expect(gateway.port).toBe(0);
  });
});

describe("registry", () => {
  it("shows the counts of the server shortly after they changed", async () => {
    const shownAfterMs = async (): Promise<number> => {
      const { client, broker, stats } = await startTestGateway();
      const servers = async () =>
        (await broker.registry.servers()).map(({ counts, state }) => ({ counts, state }));
      expect(await servers()).toMatchObject([
        { counts: { connections: 0, users: 0, subscriptions: 0, delivered: 0, resets: 0 }, state: "ready" },
      ]);
      const one = await client("user_id=a&subscriptions=market_data,transactions");
      const changedAt = performance.now();
      const counts = { connections: 1, users: 1, subscriptions: 2 };
      await eventually(async () => expect(await servers()).toMatchObject([{ counts, state: "ready" }]));
      const tookMs = performance.now() - changedAt;
      await one.close();
      await eventually(async () => expect(await stats()).toMatchObject({ total_connections: 0 }));
      await eventually(async () => expect((await servers())[0]?.counts).toMatchObject({ connections: 0 }));
      return tookMs;
    };
    // Sooner than the next regular heartbeat.
    expect(await fastest(SHORTLY_MS, shownAfterMs)).toBeLessThan(SHORTLY_MS);
  });
});

/** A port that was free a moment ago. Where the system chooses the port, sockets are opened in another way. */
async function freePort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return String(port);
}

describe("the port", () => {
  it("is not shared with another process, and the sentence says what to do", async () => {
    const WEBSOCKET_PORT = await freePort();
    await startTestGateway({ WEBSOCKET_PORT });
    const second = startTestGateway({ WEBSOCKET_PORT });
    await expect(second).rejects.toThrow(/^Port \d+ is taken .* WEBSOCKET_PORT/);
    await expect(second).rejects.toMatchObject({ name: "StartError" });
  });

  it("is free for the next start at once, though old connections linger in the system", async () => {
    const WEBSOCKET_PORT = await freePort();
    for (let start = 0; start < 3; start += 1) {
      const { gateway, client } = await startTestGateway({ WEBSOCKET_PORT });
      const clients = [await client(), await client()];
      await gateway.stop();
      for (const { closed } of clients) expect(await closed).toMatchObject({ code: 3001 });
    }
  });
});
