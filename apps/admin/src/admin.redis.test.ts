import { createRedisBroker, type Broker, type ListenerStatus } from "@commcoin/broker";
import { startRedisServer, type RedisServer } from "@commcoin/broker/testing";
import { loadConfig } from "@commcoin/service/config";
import { silentLogger } from "@commcoin/service/telemetry";
import { eventually } from "@commcoin/tsconfig/eventually";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAdmin, type Admin } from "./admin.ts";
import { adminVariables } from "./config.ts";
import { NOTIFICATION, TOKEN } from "./testing/app.ts";

let redis: RedisServer;
let brokers: Broker[];
let admin: Admin;

const connect = async (): Promise<Broker> => {
  const broker = createRedisBroker({ url: redis.url, logger: silentLogger });
  brokers.push(broker);
  await broker.start();
  return broker;
};

beforeEach(async () => {
  redis = await startRedisServer({ args: ["--appendonly", "yes"] });
  brokers = [];
  admin = createAdmin({
    config: loadConfig(adminVariables, { SERVER_ID: "admin-1", ADMIN_PORT: "0", ADMIN_TOKEN: TOKEN }),
    broker: await connect(),
    logger: silentLogger,
  });
  await admin.start();
});
afterEach(async () => {
  await admin.stop();
  for (const broker of brokers) await broker.close();
  await redis.stop();
});

const request = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${admin.port}${path}`, init);
const get = async (path: string): Promise<unknown> => (await request(path)).json();
const publish = async (id: string) =>
  request("/api/ws/broadcast", {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify({
      type: "Notification",
      data: NOTIFICATION,
      target: { topic: "notifications" },
      id,
    }),
  });

const LISTENER: ListenerStatus = {
  role: "leader",
  chain: null,
  set_aside: [],
  fence: 7,
  slot: 1_000,
  watermark: 990,
  lag: 10,
  sources: [
    {
      name: "program",
      state: "live",
      wanted: 1,
      watermark: 990,
      lag: 10,
      streams: [
        {
          endpoint: "ws://one:8900",
          state: "live",
          live: 1,
          slot: 1_000,
          slot_age_ms: 20,
          lag: 0,
          reconnects: 2,
          won: 5,
          duplicates: 1,
          backfilled: 3,
          missed: 4,
          doubted: false,
          left: 0,
        },
      ],
    },
  ],
  spares: ["ws://two:8900"],
  queues: { signatures: 1, messages: 2, finality: 3 },
  requests_delayed: 6,
  endpoints: [
    {
      endpoint: "http://one:8899",
      requests: 9,
      rate_limited: 2,
      failed: 1,
      waiting: 0,
      per_second: null,
      pause_ms: 0,
    },
  ],
  refusals: [],
  checkpoint_age_ms: 800,
  audit_age_ms: 1_500,
};

describe("the admin service on a real Redis", () => {
  it("tells what every listener of the cluster follows", async () => {
    const other = await connect();
    const STANDBY = { ...LISTENER, role: "standby", fence: null } as const;
    for (const [server_id, listener] of [
      ["l-2", STANDBY],
      ["l-1", LISTENER],
      ["old", undefined],
    ] as const) {
      await other.registry.heartbeat({
        server_id,
        service: "listener",
        instance: server_id,
        started_at: 1,
        state: "ready",
        counts: {},
        listener,
      });
    }
    expect(await get("/api/listener")).toMatchObject({
      listeners: [
        { server_id: "l-1", health: "healthy", state: "ready", status: LISTENER },
        { server_id: "l-2", status: STANDBY },
        { server_id: "old", status: null },
      ],
    });
    await other.registry.leave({ server_id: "l-1", service: "listener", instance: "l-1" });
    expect(await get("/api/listener")).toMatchObject({
      listeners: [{ server_id: "l-2" }, { server_id: "old" }],
    });
  });

  it("sees the gateways of other processes and publishes to their subscribers", async () => {
    const other = await connect();
    for (const [server_id, connections] of [
      ["g-1", 3],
      ["g-2", 4],
    ] as const) {
      await other.registry.heartbeat({
        server_id,
        service: "gateway",
        instance: server_id,
        started_at: 1,
        state: "ready",
        counts: { connections, users: 1, subscriptions: 2 * connections },
      });
      await other.users.join(server_id);
      await other.users.change(server_id, { came: ["alice"], left: [] });
    }
    expect(await get("/api/ws/connections")).toMatchObject({
      total_connections: 7,
      active_users: 1,
      subscriptions: 14,
      server_id: "admin-1",
    });

    const frames: string[] = [];
    await other.subscribe("notifications", ({ frame }) => frames.push(Buffer.from(frame).toString()));
    expect(await (await publish("once")).json()).toMatchObject({ offset: 1, duplicate: false });
    expect(await (await publish("once")).json()).toMatchObject({ offset: 1, duplicate: true });
    await eventually(() => expect(frames).toHaveLength(1));
    expect(JSON.parse(frames[0] ?? "")).toMatchObject({ id: "once", offset: 1, data: NOTIFICATION });
    expect(await get("/api/topics/notifications/history")).toMatchObject({
      offset: 1,
      messages: [JSON.parse(frames[0] ?? "")],
    });
  });

  it("tells that Redis is gone, and works again when it is back", async () => {
    await redis.kill();
    await eventually(async () => expect((await request("/readyz")).status).toBe(503));
    const answer = await publish("late");
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ code: "broker_unavailable" });
    expect((await request("/api/servers")).status).toBe(503);
    expect((await request("/healthz")).status).toBe(200);
    expect(await (await request("/metrics")).text()).toContain('commcoin_admin_broker_up{service="admin"} 0');

    await redis.restart();
    await eventually(async () => expect((await request("/readyz")).status).toBe(200));
    expect((await publish("late")).status).toBe(200);
  });
});
