import { connected, downFrame } from "@commcoin/protocol";
import { eventually } from "@commcoin/tsconfig/eventually";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { connect } from "./testing/test-client.ts";
import { startTestGateway } from "./testing/test-gateway.ts";
import { testAddress } from "./testing/test-address.ts";

const TOKEN = `token:${testAddress(1)}`;

const WALLET = "7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU";

describe("gateway", () => {
  it("greets with exactly what the protocol says, and joins the implicit topics", async () => {
    const { open } = await startTestGateway();
    const client = await open("user_id=123&subscriptions=token_updates,transactions");
    const frame = await client.next();
    expect(connected.strict().safeParse(frame).success).toBe(true);
    expect(frame).toEqual({
      type: "connected",
      data: {
        connection_id: expect.stringMatching(/^[\w-]{16}$/),
        server_id: "server-1",
        user_id: "123",
        heartbeat_interval: 30,
        subscriptions: ["broadcast", "server:server-1", "user:123", "token_updates", "transactions"].map(
          (topic) => ({ topic, epoch: expect.any(String), offset: 0 }),
        ),
        protocol: 1,
      },
    });
  });

  it("greets somebody without a name, and joins the account of somebody whose name is a wallet", async () => {
    const { open } = await startTestGateway();
    const topics = async (query: string): Promise<unknown> => {
      const { data } = await (await open(query)).next();
      return (data.subscriptions as { topic: string }[]).map(({ topic }) => topic);
    };
    expect(await topics("")).toEqual(["broadcast", "server:server-1"]);
    expect(await topics(`user_id=${WALLET}`)).toEqual([
      "broadcast",
      "server:server-1",
      `user:${WALLET}`,
      `account:${WALLET}`,
    ]);
  });

  it("runs the example of the documentation as it stands", async () => {
    const { url, publish, stats } = await startTestGateway();
    const received: { type: string; topic?: string }[] = [];
    const ws = new WebSocket(`${url}?user_id=123&subscriptions=token_updates,transactions`);
    ws.addEventListener("message", ({ data }) =>
      received.push(JSON.parse(data as string) as { type: string }),
    );
    await new Promise((resolve) => ws.addEventListener("open", resolve));
    ws.send(JSON.stringify({ type: "subscribe", data: { topic: "market_data" } }));
    await eventually(() => expect(received.at(-1)).toMatchObject({ type: "subscribed" }));
    await publish("market_data");
    await publish("token_updates");
    await eventually(() =>
      expect(received.slice(2).map(({ topic }) => topic)).toEqual(["market_data", "token_updates"]),
    );
    expect(await stats()).toEqual({
      total_connections: 1,
      active_users: 1,
      subscriptions: 3,
      server_id: "server-1",
    });
    ws.terminate();
  });

  it("counts connections, users and subscriptions exactly", async () => {
    const { client, stats, gateway } = await startTestGateway();
    const a = await client("user_id=a&subscriptions=token_updates,transactions");
    const a2 = await client("user_id=a&subscriptions=token_updates");
    const anonymous = await client();
    expect(await stats()).toEqual({
      total_connections: 3,
      active_users: 1,
      subscriptions: 3,
      server_id: "server-1",
    });
    const b = await client("user_id=b");
    b.send({ type: "subscribe", data: { topic: "market_data" } });
    b.send({ type: "subscribe", data: { topic: "market_data" } });
    b.send({ type: "subscribe", data: { topics: ["market_data", "notifications", TOKEN] } });
    await b.settled();
    expect(await stats()).toMatchObject({ total_connections: 4, active_users: 2, subscriptions: 6 });
    b.send({ type: "unsubscribe", data: { topic: TOKEN } });
    b.send({ type: "unsubscribe", data: { topic: TOKEN } });
    await b.settled();
    expect(gateway.stats().subscriptions).toBe(5);
    await Promise.all([a.close(), a2.close()]);
    b.socket.terminate();
    await eventually(async () =>
      expect(await stats()).toEqual({
        total_connections: 1,
        active_users: 0,
        subscriptions: 0,
        server_id: "server-1",
      }),
    );
    await anonymous.close();
  });

  it("gives messages for a user to all connections of that user and to nobody else", async () => {
    const { client, publish } = await startTestGateway();
    const [a1, a2, b] = [await client("user_id=a"), await client("user_id=a"), await client("user_id=b")];
    b.send({ type: "subscribe", id: "spy", data: { topic: "user:a" } });
    expect(await b.next()).toMatchObject({ type: "error", id: "spy", data: { code: "forbidden" } });
    await publish("user:a", 2);
    for (const client of [a1, a2]) {
      // Where all this takes long, they also hear that they are connected.
      const frames = [await client.next(), await client.next(), ...(await client.settled())];
      const ids = frames.map(({ id }) => String(id)).filter((id) => id.startsWith("message-"));
      expect(ids).toEqual(["message-1", "message-2"]);
    }
    expect(await b.settled()).toEqual([]);
  });

  it("gives broadcasts to everybody and a server's messages to everybody on it", async () => {
    const { client, publish } = await startTestGateway();
    const clients = [await client(), await client("user_id=a")];
    await publish("broadcast");
    await publish("server:server-1");
    await publish("server:server-2");
    for (const client of clients) {
      const topics = (await client.settled()).map(({ topic }) => topic);
      expect(topics).toEqual(["broadcast", "server:server-1"]);
    }
  });

  it("sends frames as they were published, and only frames that the protocol knows", async () => {
    const { client, broker } = await startTestGateway();
    const reader = await client("subscriptions=notifications");
    const data = { user_id: "u", title: "Grüße", message: '✓ "quoted"', notification_type: "info" };
    await broker.publish([{ topic: "notifications", type: "Notification", id: "n:1", ts: 5, data }]);
    const frame = await reader.next();
    expect(frame).toEqual({
      type: "Notification",
      topic: "notifications",
      offset: 1,
      id: "n:1",
      ts: 5,
      data,
    });
    reader.send({ type: "history", id: 1, data: { topic: "notifications" } });
    reader.send({ type: "ping" });
    reader.send({ type: "subscribe", data: { topic: "market_data" } });
    reader.send({ type: "unsubscribe", data: { topic: "market_data" } });
    await reader.settled();
    for (const received of reader.frames) expect(downFrame.safeParse(received).error).toBeUndefined();
  });

  it("answers HTTP beside WebSockets", async () => {
    const { httpUrl } = await startTestGateway();
    const get = async (path: string, init?: RequestInit) => {
      const response = await fetch(httpUrl + path, init);
      return { status: response.status, body: await response.text() };
    };
    expect(await get("/healthz")).toMatchObject({ status: 200 });
    expect(await get("/readyz")).toMatchObject({ status: 200 });
    expect((await get("/metrics")).body).toContain("commcoin_gateway_connections");
    expect(await get("/api/ws/connections", { method: "HEAD" })).toEqual({ status: 200, body: "" });
    expect(await get("/ws")).toMatchObject({ status: 426 });
    expect(JSON.parse((await get("/nowhere")).body)).toMatchObject({ code: "not_found" });
    expect(await get("/nowhere")).toMatchObject({ status: 404 });
  });

  it.each([
    ["POST", "/healthz", 405, "GET, HEAD"],
    ["DELETE", "/readyz", 405, "GET, HEAD"],
    ["OPTIONS", "/metrics", 405, "GET, HEAD"],
    ["PUT", "/api/ws/connections", 405, "GET, HEAD, OPTIONS"],
    ["POST", "/ws", 405, "GET"],
    ["POST", "/nowhere", 404, null],
  ])("answers %s %s with %d and says what there is", async (method, path, status, allow) => {
    const { httpUrl } = await startTestGateway();
    const body = method === "POST" ? "x".repeat(100_000) : null;
    const response = await fetch(httpUrl + path, { method, body });
    expect([response.status, response.headers.get("allow")]).toEqual([status, allow]);
    expect(await response.json()).toMatchObject({
      code: status === 404 ? "not_found" : "method_not_allowed",
    });
  });

  it("refuses WebSockets elsewhere than at /ws", async () => {
    const { httpUrl } = await startTestGateway();
    await expect(connect(`${httpUrl.replace("http", "ws")}/socket`)).rejects.toThrow("404");
  });
});
