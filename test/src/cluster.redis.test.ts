import { createRedisBroker, type Broker } from "@commcoin/broker";
import { startRedisServer, type RedisServer } from "@commcoin/broker/testing";
import { createLocalnet, type Localnet } from "@commcoin/localnet";
import { silentLogger } from "@commcoin/service/telemetry";
import { eventually } from "@commcoin/tsconfig/eventually";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openClient, type Frame, type MessageClient } from "./support/message-client.ts";
import { killAll } from "./support/service-process.ts";
import { startService, type RunningService } from "./support/start-service.ts";

const TOKEN = "an-admin-token-of-the-test";
const MESSAGES = 10_000;
const PUBLISH_BATCH = 500;

/** How old an entry of the registry becomes that nobody renews: what is promised is less than 15 s. */
const MAX_AGE_MS = 15_000;
const GONE_WITHIN_MS = 30_000;

let redis: RedisServer;
let localnet: Localnet;
let broker: Broker;
const services = new Map<string, RunningService>();
const clients: MessageClient[] = [];

async function start(
  app: "gateway" | "listener" | "admin",
  serverId: string,
  env: Record<string, string>,
): Promise<void> {
  const service = await startService(app, {
    SERVER_ID: serverId,
    REDIS_URL: redis.url,
    ADMIN_TOKEN: TOKEN,
    SHUTDOWN_DRAIN_SECONDS: "1",
    ...env,
  });
  services.set(serverId, service);
}

const running = (serverId: string): RunningService => {
  const service = services.get(serverId);
  if (service === undefined) throw new Error(`${serverId} is not running`);
  return service;
};

async function connect(serverId: string, query: string): Promise<MessageClient> {
  const client = await openClient(`ws://127.0.0.1:${running(serverId).port}/ws?${query}`);
  clients.push(client);
  await client.waitFor(({ type }) => type === "connected");
  return client;
}

const get = async (serverId: string, path: string): Promise<Record<string, unknown>> =>
  (await (await fetch(`http://127.0.0.1:${running(serverId).port}${path}`)).json()) as Record<
    string,
    unknown
  >;

const broadcast = async (body: object): Promise<void> => {
  const answer = await fetch(`http://127.0.0.1:${running("admin").port}/api/ws/broadcast`, {
    method: "POST",
    headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(answer.status, await answer.clone().text()).toBe(200);
};

const notice = (user: string | null, title: string) => ({
  type: "Notification",
  data: { user_id: user, title, message: "", notification_type: "test" },
});

const eventsOf = (client: MessageClient, topic: string): readonly Frame[] =>
  client.frames.filter((frame) => frame.topic === topic && frame.offset !== undefined);

const position = (frame: Frame): string => `${frame.offset} ${frame.id}`;

const titled =
  (title: string) =>
  (frame: Frame): boolean =>
    frame.data.title === title;

beforeAll(async () => {
  redis = await startRedisServer();
  localnet = await createLocalnet({
    httpPort: 0,
    wsPort: 0,
    slotMs: 100,
    market: { transactionsPerSecond: 20 },
  });
  broker = createRedisBroker({ url: redis.url, logger: silentLogger });
  await broker.start();
  await Promise.all([
    start("gateway", "gateway-a", {}),
    start("gateway", "gateway-b", {}),
    start("admin", "admin", {}),
    start("listener", "listener", { SOLANA_RPC_URL: localnet.httpUrl, SOLANA_WS_URL: localnet.wsUrl }),
  ]);
});

afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await killAll();
  await broker.close();
  await localnet.stop();
  await redis.stop();
});

describe("separate services on a real Redis", () => {
  it("gives clients of both gateways the same messages at the same positions, each once, while the chain goes on", async () => {
    const query = "subscriptions=notifications,transactions,market_data";
    const both = [await connect("gateway-a", query), await connect("gateway-b", query)] as const;

    for (let first = 1; first <= MESSAGES; first += PUBLISH_BATCH) {
      await broker.publish(
        Array.from({ length: PUBLISH_BATCH }, (_, index) => ({
          topic: "notifications",
          id: `message-${first + index}`,
          ...notice(null, `message ${first + index}`),
        })),
      );
    }
    await Promise.all(both.map((client) => client.waitFor(titled(`message ${MESSAGES}`))));

    const expected = Array.from({ length: MESSAGES }, (_, index) => `${index + 1} message-${index + 1}`);
    for (const client of both) expect(eventsOf(client, "notifications").map(position)).toEqual(expected);

    for (const topic of ["transactions", "market_data"]) {
      await Promise.all(
        both.map((client) => eventually(() => expect(eventsOf(client, topic).length).toBeGreaterThan(50))),
      );
      const [a, b] = both.map((client) => eventsOf(client, topic)) as [Frame[], Frame[]];
      const from = Math.max(a[0]?.offset ?? 0, b[0]?.offset ?? 0);
      const to = Math.min(a.at(-1)?.offset ?? 0, b.at(-1)?.offset ?? 0);
      const shared = (frames: readonly Frame[]): readonly Frame[] =>
        frames.filter(({ offset = 0 }) => offset >= from && offset <= to);
      expect(shared(a)).toEqual(shared(b));
      expect(shared(a).map(({ offset }) => offset)).toEqual(
        Array.from({ length: to - from + 1 }, (_, index) => from + index),
      );
      expect(new Set(a.map(({ id }) => id)).size).toBe(a.length);
    }
  }, 60_000);

  it("takes a message for one user to all of that user's connections, and to nobody else", async () => {
    const ann = await Promise.all(
      ["gateway-a", "gateway-a", "gateway-b"].map((at) => connect(at, "user_id=ann")),
    );
    const others = await Promise.all([
      connect("gateway-a", "user_id=bob"),
      connect("gateway-b", "subscriptions=notifications"),
    ]);
    await broadcast({ ...notice("ann", "for ann"), target: { user_id: "ann" } });
    await broadcast({ ...notice(null, "for all"), target: { all: true } });
    const everybody = [...ann, ...others];
    await Promise.all(everybody.map((client) => client.waitFor(titled("for all"))));
    await Promise.all(ann.map((client) => client.waitFor(titled("for ann"))));
    expect(ann.map(({ frames }) => frames.filter(titled("for ann")).length)).toEqual([1, 1, 1]);
    for (const other of others) expect(other.frames.filter(titled("for ann"))).toEqual([]);
  });

  it("adds the gateways up to the admin's totals, and counts a person once", async () => {
    await eventually(async () => {
      const [a, b, cluster] = await Promise.all([
        get("gateway-a", "/api/ws/connections"),
        get("gateway-b", "/api/ws/connections"),
        get("admin", "/api/ws/connections"),
      ]);
      expect(Object.keys(a)).toEqual(["total_connections", "active_users", "subscriptions", "server_id"]);
      expect(a).toMatchObject({
        total_connections: 4,
        active_users: 2,
        subscriptions: 3,
        server_id: "gateway-a",
      });
      expect(b).toMatchObject({
        total_connections: 3,
        active_users: 1,
        subscriptions: 4,
        server_id: "gateway-b",
      });
      expect(cluster).toMatchObject({
        total_connections: 7,
        // Ann is on both, and counts once.
        active_users: 2,
        subscriptions: 7,
        server_id: "admin",
      });
    });
  });

  it("drops a killed gateway from the registry within 15 seconds", async () => {
    let age = 0;
    const serverIds = async (): Promise<unknown> => {
      const { servers } = (await get("admin", "/api/servers")) as {
        servers?: { server_id: string; age_ms: number }[];
      };
      age = servers?.find(({ server_id }) => server_id === "gateway-b")?.age_ms ?? age;
      return servers?.map(({ server_id }) => server_id).toSorted();
    };
    expect(await serverIds()).toEqual(["admin", "gateway-a", "gateway-b", "listener"]);
    running("gateway-b").process.kill("SIGKILL");
    await running("gateway-b").process.exit;
    await eventually(
      async () => expect(await serverIds()).toEqual(["admin", "gateway-a", "listener"]),
      GONE_WITHIN_MS,
    );
    // By the clock of the registry: this process may have been stalled in between.
    expect(age).toBeLessThan(MAX_AGE_MS);
    expect(await get("admin", "/api/ws/connections")).toMatchObject({ total_connections: 4 });
  });

  it("ends every service with 0 on SIGTERM, and clients of a gateway are told to come back", async () => {
    const left = ["gateway-a", "listener", "admin"].map((id) => running(id).process);
    for (const process of left) process.kill("SIGTERM");
    expect(await Promise.all(left.map(({ exit }) => exit))).toEqual(
      left.map(() => ({ code: 0, signal: null })),
    );
  });
});
