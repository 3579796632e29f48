import { GONE_AFTER_MS, SUSPECT_AFTER_MS, type ServerRecord } from "@commcoin/broker";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { clusterStats } from "../cluster-stats.ts";
import { createTestApp, type TestApp } from "../testing/app.ts";

const record = (
  service: ServerRecord["service"],
  server_id: string,
  counts: Record<string, number> = {},
): ServerRecord => ({ server_id, service, instance: server_id, started_at: 1, state: "ready", counts });

let time: { now: number };
let test: TestApp;
beforeEach(async () => {
  time = { now: 0 };
  test = await createTestApp(undefined, { clock: { now: () => time.now, monotonic: () => time.now } });
});
afterEach(async () => {
  await test.app.close();
});

const get = async (url: string) => (await test.app.inject(url)).json();

describe("GET /api/ws/connections", () => {
  it("is the sum over the gateways, under this server's id", async () => {
    await test.broker.registry.heartbeat(
      record("gateway", "g-1", { connections: 150, users: 120, subscriptions: 450 }),
    );
    await test.broker.registry.heartbeat(
      record("gateway", "g-2", { connections: 7, users: 5, subscriptions: 9 }),
    );
    await test.broker.registry.heartbeat(record("listener", "l-1", { connections: 99 }));
    const hold = async (holder: string, came: readonly string[]): Promise<void> => {
      await test.broker.users.join(holder);
      await test.broker.users.change(holder, { came, left: [] });
    };
    await hold("g-1:holder", ["alice", "bob"]);
    await hold("g-2:holder", ["bob", "carol"]);
    const stats = clusterStats.parse(await get("/api/ws/connections"));
    expect(stats).toMatchObject({
      total_connections: 157,
      // Bob is connected to both.
      active_users: 3,
      subscriptions: 459,
      server_id: "admin-1",
    });
    expect(stats.servers.map(({ server_id, total_connections }) => [server_id, total_connections])).toEqual([
      ["g-1", 150],
      ["g-2", 7],
    ]);
  });

  it("marks a gateway that fell silent, then leaves it out", async () => {
    const beat = (id: string) => test.broker.registry.heartbeat(record("gateway", id, { connections: 1 }));
    await beat("silent");
    time.now = SUSPECT_AFTER_MS + 1;
    await beat("alive");
    const during = await get("/api/ws/connections");
    expect(during.total_connections).toBe(2);
    expect(during.servers).toMatchObject([
      { server_id: "alive", health: "healthy", age_ms: 0 },
      { server_id: "silent", health: "suspect", age_ms: SUSPECT_AFTER_MS + 1 },
    ]);
    time.now = GONE_AFTER_MS + 1;
    const after = await get("/api/ws/connections");
    expect(after.total_connections).toBe(1);
    expect(after.servers).toMatchObject([{ server_id: "alive" }]);
  });
});

describe("GET /api/servers", () => {
  it("lists every service, also those that share an id", async () => {
    for (const service of ["listener", "gateway", "admin"] as const) {
      await test.broker.registry.heartbeat(record(service, "one", { depth: 2 }));
    }
    const { servers } = await get("/api/servers");
    expect(servers).toEqual(
      ["admin", "gateway", "listener"].map((service) => ({
        server_id: "one",
        service,
        instance: "one",
        started_at: 1,
        state: "ready",
        counts: { depth: 2 },
        age_ms: 0,
        health: "healthy",
        clock_skew_ms: null,
        superseded: 0,
      })),
    );
  });

  it("forgets a server that said good-bye at once", async () => {
    await test.broker.registry.heartbeat(record("gateway", "g-1"));
    await test.broker.registry.leave(record("gateway", "g-1"));
    expect(await get("/api/servers")).toEqual({ servers: [], broker: "memory" });
  });
});
