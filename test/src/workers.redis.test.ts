import { createRedisBroker, type Broker } from "@commcoin/broker";
import { startRedisServer, type RedisServer } from "@commcoin/broker/testing";
import { createClient } from "@commcoin/client";
import type { ConnectionStats } from "@commcoin/protocol";
import { silentLogger } from "@commcoin/service/telemetry";
import { eventually } from "@commcoin/tsconfig/eventually";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { openClient, type MessageClient } from "./support/message-client.ts";
import { killAll, startProcess, type ServiceProcess } from "./support/service-process.ts";

const MAIN = "apps/gateway/src/main.ts";
const WORKERS = ["gateway-1", "gateway-2", "gateway-3"];
const CONNECTIONS = 200;
const PUBLISH_INTERVAL_MS = 5;

let redis: RedisServer;
let broker: Broker;
let gateway: ServiceProcess;
let port: number;

const environment = () => ({
  SERVER_ID: "gateway",
  GATEWAY_WORKERS: String(WORKERS.length),
  REDIS_URL: redis.url,
  SHUTDOWN_DRAIN_SECONDS: "1",
});
const url = (): string => `ws://127.0.0.1:${port}/ws`;
const get = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`);
/** Processes of a worker so far, the newest last. */
const pidsOf = (serverId: string): readonly number[] =>
  gateway.lines
    .filter(({ msg, server_id }) => msg === "worker is ready" && server_id === serverId)
    .map(({ pid }) => pid as number);
const registered = async (): Promise<readonly string[]> =>
  (await broker.registry.servers()).map(({ server_id }) => server_id);

const connect = async (
  query = "",
): Promise<{ readonly client: MessageClient; readonly serverId: string }> => {
  const client = await openClient(`${url()}${query}`);
  const { data } = await client.waitFor(({ type }) => type === "connected");
  return { client, serverId: String(data.server_id) };
};

/** Publishes one message after the other until it is stopped. */
function publishSteadily(topic: string) {
  const ids: string[] = [];
  const stopping = new AbortController();
  const publishing = (async () => {
    while (!stopping.signal.aborted) {
      const id = `message-${ids.length + 1}`;
      await broker.publish([
        { topic, type: "UserActivity", id, data: { user_id: "u", activity_type: "trade", data: {} } },
      ]);
      ids.push(id);
      await new Promise((resolve) => setTimeout(resolve, PUBLISH_INTERVAL_MS));
    }
  })();
  return {
    ids,
    async stop(): Promise<readonly string[]> {
      stopping.abort();
      await publishing;
      return ids;
    },
  };
}

beforeAll(async () => {
  redis = await startRedisServer();
  broker = createRedisBroker({ url: redis.url, logger: silentLogger });
  await broker.start();
  gateway = startProcess(MAIN, { ...environment(), WEBSOCKET_PORT: "0" });
  port = (await gateway.says(({ msg }) => msg?.includes("workers are ready") === true)).port as number;
});

afterAll(async () => {
  await killAll();
  await broker.close();
  await redis.stop();
});

describe("workers of a gateway on one port", () => {
  it("share the connections, and are servers of their own that answer as one", async () => {
    const all = await Promise.all(
      Array.from({ length: CONNECTIONS }, (_, index) => connect(`?user_id=u${index % 50}`)),
    );
    const shares = WORKERS.map((worker) => all.filter(({ serverId }) => serverId === worker).length);
    expect(shares.reduce((sum, share) => sum + share)).toBe(CONNECTIONS);
    for (const share of shares) expect(share).toBeGreaterThan(CONNECTIONS / 10);
    expect(await registered()).toEqual(WORKERS);

    // A worker that stalls when it is asked is left out of the answer.
    await eventually(async () => {
      const stats = (await (await get("/api/ws/connections")).json()) as ConnectionStats;
      expect(stats).toEqual({
        total_connections: CONNECTIONS,
        active_users: 50,
        subscriptions: 0,
        server_id: "gateway",
      });
    });
    await eventually(async () => {
      const metrics = await (await get("/metrics")).text();
      for (const [index, share] of shares.entries()) {
        const worker = index + 1;
        expect(metrics).toContain(
          `commcoin_gateway_connections{service="gateway",worker="${worker}"} ${share}\n`,
        );
        expect(metrics).toContain(`commcoin_gateway_worker_up{worker="${worker}",service="gateway"} 1\n`);
      }
      expect(metrics.match(/^# TYPE commcoin_gateway_connections /gm)).toHaveLength(1);
    });
    await eventually(async () =>
      expect(await (await get("/readyz")).json()).toMatchObject({
        ready: true,
        checks: { workers: { ok: true }, "broker (worker 3)": { ok: true } },
      }),
    );
    await Promise.all(all.map(({ client }) => client.close()));
  });

  it("do without one that is killed: nobody else notices, its clients miss nothing, and it comes back", async () => {
    const servers: string[] = [];
    class ObservedWebSocket extends WebSocket {
      constructor(address: string) {
        super(address);
        this.once("message", (data: Buffer) => {
          servers.push((JSON.parse(data.toString()) as { data: { server_id: string } }).data.server_id);
        });
      }
    }
    const client = createClient({ url: url(), WebSocket: ObservedWebSocket });
    onTestFinished(() => client.close());
    const received: string[] = [];
    const codes: (number | undefined)[] = [];
    client.on("state", ({ state, code }) => {
      if (state === "waiting") codes.push(code);
    });
    const subscription = client.subscribe("notifications", ({ id }) => received.push(id));
    client.connect();
    await subscription.ready;
    const [victim = ""] = servers;
    const others = (
      await Promise.all(Array.from({ length: 30 }, () => connect("?subscriptions=notifications")))
    ).filter(({ serverId }) => serverId !== victim);
    expect(others.length).toBeGreaterThan(0);

    const publisher = publishSteadily("notifications");
    await eventually(() => expect(received.length).toBeGreaterThan(20));
    process.kill(pidsOf(victim)[0] ?? 0, "SIGKILL");
    await gateway.says(
      ({ msg, server_id }) => msg?.includes("started again") === true && server_id === victim,
    );
    await eventually(() => expect(servers.length).toBeGreaterThan(1));
    await eventually(() => expect(pidsOf(victim)).toHaveLength(2));
    const ids = await publisher.stop();
    await eventually(() => expect(received.at(-1)).toBe(ids.at(-1)));

    expect(received).toEqual(ids);
    expect(codes).toEqual([1006]);
    expect(client.counts()).toMatchObject({ gaps: 0, lost: 0 });
    for (const { client: other } of others) {
      await eventually(() => expect(other.frames.at(-1)?.id).toBe(ids.at(-1)));
      expect(other.frames.flatMap(({ topic, id }) => (topic === "notifications" ? [id] : []))).toEqual(ids);
      await other.close();
    }
    for (const worker of WORKERS.filter((id) => id !== victim)) expect(pidsOf(worker)).toHaveLength(1);
    await eventually(async () => expect(await registered()).toEqual(WORKERS));
    const metrics = await (await get("/metrics")).text();
    expect(metrics).toMatch(
      new RegExp(`worker_restarts_total\\{worker="${victim.slice(-1)}",service="gateway"\\} 1\n`),
    );
  }, 60_000);

  it("leave new clients to the others when one is drained, until it is started anew", async () => {
    const drained = "gateway-2";
    await broker.control.send({ server_id: drained }, { type: "drain" });
    await gateway.says(({ msg, server }) => msg === "draining" && server === drained);
    // Connections that wait for a worker when it stops listening are reset.
    await eventually(async () =>
      expect(await (await get("/readyz")).json()).toMatchObject({
        ready: true,
        checks: { workers: { ok: true, message: "2 of 3 workers accept connections." } },
      }),
    );
    const meanwhile = await Promise.all(Array.from({ length: 40 }, () => connect()));
    expect(meanwhile.filter(({ serverId }) => serverId === drained)).toEqual([]);
    const before = pidsOf(drained).length;
    process.kill(pidsOf(drained).at(-1) ?? 0, "SIGTERM");
    await eventually(() => expect(pidsOf(drained)).toHaveLength(before + 1));
    const afterwards = await Promise.all(Array.from({ length: 60 }, () => connect()));
    expect(afterwards.some(({ serverId }) => serverId === drained)).toBe(true);
    await Promise.all([...meanwhile, ...afterwards].map(({ client }) => client.close()));
  }, 40_000);

  it("keep their port for themselves, and a second gateway says once that it is taken", async () => {
    const second = startProcess(MAIN, { ...environment(), SERVER_ID: "other", WEBSOCKET_PORT: String(port) });
    expect(await second.exit).toEqual({ code: 1, signal: null });
    expect(second.errors()).toBe(
      `Port ${port} is taken or not permitted. Free it, or set WEBSOCKET_PORT to another one.\n`,
    );
  });

  it("say once why none of them can start", async () => {
    // As on a machine that the native module has no binary for.
    const hopeless = startProcess(MAIN, {
      ...environment(),
      WEBSOCKET_PORT: "0",
      NODE_OPTIONS: "--no-addons",
    });
    expect(await hopeless.exit).toEqual({ code: 1, signal: null });
    expect(hopeless.errors().match(/has no native binary|could not be loaded/g)).toHaveLength(1);
    expect(hopeless.lines.filter(({ level }) => level !== undefined)).toEqual([]);
  });

  it("drain together on SIGTERM, and the whole ends with 0", async () => {
    const all = await Promise.all(Array.from({ length: 30 }, () => openClosable()));
    expect(new Set(all.map(({ serverId }) => serverId)).size).toBe(WORKERS.length);
    // As a terminal or systemd does: everybody gets the signal, and the workers get it from their supervisor as well.
    for (const worker of WORKERS) process.kill(pidsOf(worker).at(-1) ?? 0, "SIGTERM");
    gateway.kill("SIGTERM");
    for (const { closed } of all) {
      expect(await closed).toEqual([3001, expect.stringMatching(/^shutdown; reconnect in \d+ ms$/)]);
    }
    expect(await gateway.exit).toEqual({ code: 0, signal: null });
    expect(await registered()).toEqual([]);
  });

  it("drain and end by themselves when their supervisor is killed", async () => {
    gateway = startProcess(MAIN, { ...environment(), WEBSOCKET_PORT: "0" });
    port = (await gateway.says(({ msg }) => msg?.includes("workers are ready") === true)).port as number;
    const all = await Promise.all(Array.from({ length: 20 }, () => openClosable()));
    gateway.kill("SIGKILL");
    for (const { closed } of all) expect((await closed)[0]).toBe(3001);
    await eventually(async () => expect(await registered()).toEqual([]));
  }, 40_000);
});

async function openClosable() {
  const socket = new WebSocket(url());
  const closed = new Promise<readonly [number, string]>((resolve) => {
    socket.once("close", (code, reason) => resolve([code, reason.toString()]));
  });
  const serverId = await new Promise<string>((resolve) => {
    socket.once("message", (data: Buffer) =>
      resolve((JSON.parse(data.toString()) as { data: { server_id: string } }).data.server_id),
    );
  });
  return { serverId, closed };
}
