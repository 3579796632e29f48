import { connect as connectHttp2, type ClientHttp2Session } from "node:http2";
import { request } from "node:https";
import { createRedisBroker, type Broker } from "@commcoin/broker";
import { startRedisServer, type RedisServer } from "@commcoin/broker/testing";
import { createClient, type Client } from "@commcoin/client";
import { silentLogger } from "@commcoin/service/telemetry";
import { eventually } from "@commcoin/tsconfig/eventually";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { killAll } from "../support/service-process.ts";
import { freePort, isInstalled, startBalancer, type Balancer, type Program } from "./balancer.ts";
import { startRestartable, type Restartable } from "./restarts.ts";

const TOKEN = "an-admin-token-of-the-test";
const CLIENTS = 20;
const BATCH = 5;
const BATCH_MS = 50;
/** An address of this machine that is not the balancer's, which clients come from. */
const CLIENT_ADDRESS = "127.0.0.7";

class TrustingWebSocket extends WebSocket {
  constructor(url: string) {
    super(url, {
      rejectUnauthorized: false,
      localAddress: CLIENT_ADDRESS,
      headers: { cookie: "c".repeat(5_000) },
    });
  }
}

interface Answer {
  readonly status: number;
  readonly body: string;
}
const get = (port: number, path: string, headers: Record<string, string> = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    request(
      { host: "127.0.0.1", port, path, headers, rejectUnauthorized: false, agent: false },
      (response) => {
        let body = "";
        response.on("data", (chunk: Buffer) => (body += chunk.toString()));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
      },
    )
      .on("error", reject)
      .end();
  });

/** Publishes until it is told to stop; resolves with how many messages there were. */
function publishSteadily(broker: Broker): () => Promise<number> {
  let published = 0;
  const stopping = new AbortController();
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const first = published;
      published += BATCH;
      await broker.publish(
        Array.from({ length: BATCH }, (_, index) => ({
          topic: "notifications",
          id: `message-${first + index + 1}`,
          type: "Notification" as const,
          data: { user_id: null, title: `${first + index + 1}`, message: "", notification_type: "test" },
        })),
      );
      await new Promise((resolve) => setTimeout(resolve, BATCH_MS));
    }
  };
  const ended = loop();
  // Whoever stops it learns of it; a test that failed before does not.
  ended.catch(() => undefined);
  return async () => {
    stopping.abort();
    await ended;
    return published;
  };
}

function behind(program: Program): void {
  let redis: RedisServer;
  let broker: Broker;
  let gateways: readonly [Restartable, Restartable];
  let admin: Restartable;
  let balancer: Balancer;
  const clients: Client[] = [];

  beforeAll(async () => {
    redis = await startRedisServer();
    broker = createRedisBroker({ url: redis.url, logger: silentLogger });
    await broker.start();
    const gateway = async (number: number) =>
      startRestartable("gateway", await freePort(), {
        SERVER_ID: `gateway-${number}`,
        REDIS_URL: redis.url,
        SHUTDOWN_DRAIN_SECONDS: "1",
        TRUSTED_PROXIES: "127.0.0.1",
      });
    gateways = await Promise.all([gateway(1), gateway(2)]);
    admin = await startRestartable("admin", await freePort(), {
      SERVER_ID: "admin-1",
      REDIS_URL: redis.url,
      ADMIN_TOKEN: TOKEN,
    });
    balancer = await startBalancer(program, {
      gateways: [gateways[0].port, gateways[1].port],
      admin: admin.port,
    });
    await eventually(async () => expect((await get(balancer.operatorsPort, "/healthz")).status).toBe(200));
  }, 60_000);

  afterAll(async () => {
    for (const client of clients) client.close();
    await balancer?.stop();
    await killAll();
    await broker.close();
    await redis.stop();
  });

  const url = (): string => `wss://127.0.0.1:${balancer.publicPort}/ws`;
  const connectionsOf = async (): Promise<
    readonly { readonly server_id: string; readonly address: string }[]
  > => {
    const answer = await get(balancer.operatorsPort, "/api/connections", {
      authorization: `Bearer ${TOKEN}`,
    });
    return (JSON.parse(answer.body) as { connections: { server_id: string; address: string }[] }).connections;
  };

  /** The gateway that a new client gets to. */
  const newcomerMeets = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = new TrustingWebSocket(url());
      socket.on("error", reject);
      socket.once("message", (data: Buffer) => {
        socket.terminate();
        resolve((JSON.parse(data.toString()) as { data: { server_id: string } }).data.server_id);
      });
    });

  it("loses and doubles nothing while everything is restarted in turn, itself reloaded too", async () => {
    const received = Array.from({ length: CLIENTS }, (): number[] => []);
    const lost: unknown[] = [];
    const opened = received.map((numbers) => {
      const client = createClient({ url: url(), WebSocket: TrustingWebSocket });
      clients.push(client);
      client.on("lost", (notice) => lost.push(notice));
      const { ready } = client.subscribe("notifications", (message) =>
        numbers.push(Number((message.data as { title: string }).title)),
      );
      client.connect();
      return ready;
    });
    await Promise.all(opened);
    const stop = publishSteadily(broker);

    const codes: (number | null)[] = [];
    const isSpread = async (): Promise<void> =>
      eventually(async () => expect((await connectionsOf()).length).toBe(CLIENTS));
    await isSpread();
    for (const [index, gateway] of gateways.entries()) {
      codes.push(await gateway.restart());
      // The next one only goes when this one gets clients again: it has the fewest.
      await eventually(async () => expect(await newcomerMeets()).toBe(`gateway-${index + 1}`));
      await isSpread();
    }
    codes.push(await admin.restart());
    await eventually(async () => expect((await get(balancer.operatorsPort, "/readyz")).status).toBe(200));
    balancer.reload();
    // Whoever comes now meets the new worker; the others keep their connections.
    await newcomerMeets();
    codes.push(await gateways[0].restart());

    const published = await stop();
    const expected = Array.from({ length: published }, (_, index) => index + 1);
    await eventually(() => {
      for (const numbers of received) expect(numbers.at(-1)).toBe(published);
    });
    for (const numbers of received) expect(numbers).toEqual(expected);
    expect(lost).toEqual([]);
    expect(codes).toEqual([0, 0, 0, 0]);
    expect(published).toBeGreaterThan(100);
  }, 120_000);

  it("tells gateways the addresses of clients, whatever these say themselves", async () => {
    const socket = new WebSocket(url(), {
      rejectUnauthorized: false,
      localAddress: CLIENT_ADDRESS,
      headers: { "x-forwarded-for": "203.0.113.9" },
    });
    await eventually(async () => {
      const addresses = (await connectionsOf()).map(({ address }) => address);
      expect(addresses.length).toBe(CLIENTS + 1);
      expect(new Set(addresses)).toEqual(new Set([CLIENT_ADDRESS]));
    });
    socket.terminate();
  });

  it("keeps tokens out of its log", async () => {
    const socket = new WebSocket(`${url()}?token=not-for-the-log`, { rejectUnauthorized: false });
    // How a token is refused is the gateway's business.
    socket.on("error", () => undefined);
    await new Promise((resolve) => socket.once("close", resolve));
    await eventually(() => expect(balancer.log()).toMatch(/GET \/ws/));
    await get(balancer.publicPort, "/elsewhere?token=not-for-the-log");
    await eventually(() => expect(balancer.log()).toContain("/elsewhere"));
    expect(balancer.log()).not.toContain("not-for-the-log");
  });

  it("lets nothing but /ws out, over HTTP/2 as well, and leads plain HTTP to TLS", async () => {
    for (const path of ["/metrics", "/readyz", "/api/ws/connections", "/"]) {
      expect(await get(balancer.publicPort, path)).toMatchObject({
        status: 404,
        body: expect.stringContaining('"not_found"') as string,
      });
    }
    const session = connectHttp2(`https://127.0.0.1:${balancer.publicPort}`, { rejectUnauthorized: false });
    const status = await new Promise((resolve, reject) => {
      session.on("error", reject);
      session.request({ ":path": "/metrics" }).on("response", (headers) => resolve(headers[":status"]));
    });
    session.close();
    expect(status).toBe(404);
    const plain = await fetch(`http://127.0.0.1:${balancer.plainPort}/ws`, { redirect: "manual" });
    expect(plain.status).toBe(308);
  });

  it.runIf(program === "haproxy")("carries WebSockets over HTTP/2", async () => {
    const session: ClientHttp2Session = connectHttp2(`https://127.0.0.1:${balancer.publicPort}`, {
      rejectUnauthorized: false,
    });
    await new Promise((resolve) => session.once("remoteSettings", resolve));
    const stream = session.request({
      ":method": "CONNECT",
      ":protocol": "websocket",
      ":path": "/ws",
      "sec-websocket-version": "13",
    });
    const first = await new Promise<string>((resolve, reject) => {
      stream.on("error", reject);
      stream.on("data", (chunk: Buffer) => resolve(chunk.toString()));
    });
    expect(first).toContain('"type":"connected"');
    session.destroy();
  });
}

describe.skipIf(!isInstalled("haproxy"))("behind HAProxy", () => {
  behind("haproxy");
});
describe.skipIf(!isInstalled("nginx"))("behind nginx", () => {
  behind("nginx");
});
