import { once } from "node:events";
import { createMemoryBroker } from "@commcoin/broker";
import { eventually } from "@commcoin/tsconfig/eventually";
import { describe, expect, it, onTestFinished } from "vitest";
import { connect } from "../testing/test-client.ts";
import { startTestGateway } from "../testing/test-gateway.ts";
import { handshake, openRaw, upgradeRequest } from "../testing/raw-socket.ts";

describe("what is wrong with a query", () => {
  it.each([
    ["user_id=a%20b", "user_id"],
    ["user_id=a%2Fb", "user_id"],
    ["user_id=a&user_id=b", "user_id"],
    ["subscriptions=market_data&subscriptions=transactions", "subscriptions"],
    ["since=%ff", "since"],
  ])("is told after the upgrade: %s", async (query, parameter) => {
    const { open, stats, httpUrl } = await startTestGateway();
    const client = await open(query);
    expect(await client.closed).toEqual({ code: 3501, reason: `bad request: ${parameter}` });
    expect(client.frames).toEqual([
      { type: "error", data: { code: "bad_query", message: expect.stringContaining(parameter) } },
    ]);
    expect(await stats()).toMatchObject({ total_connections: 0, active_users: 0 });
    expect(await (await fetch(`${httpUrl}/metrics`)).text()).toMatch(/closes_total\{code="3501"[^}]*\} 1/);
  });

  it("is told of each topic and position, and the connection goes on without it", async () => {
    const { open } = await startTestGateway();
    const client = await open(
      "user_id=a&subscriptions=No%20Topic,unheard_of,market_data,user:somebody,broadcast,account:x&since=transactions,market_data@e:x&userID=b",
    );
    const { data } = await client.next();
    expect(data).toMatchObject({
      user_id: "a",
      subscriptions: ["broadcast", "server:server-1", "user:a", "market_data"].map((topic) =>
        expect.objectContaining({ topic }),
      ),
    });
    const told = await client.settled();
    expect(told.map(({ type, data: { code, message } }) => [type, code, message])).toEqual([
      ["error", "bad_query", expect.stringContaining('"userID"')],
      ["error", "bad_topic", expect.stringContaining('"No Topic"')],
      ["error", "bad_query", expect.stringContaining('"transactions"')],
      ["error", "bad_query", expect.stringContaining('"market_data@e:x"')],
      ["error", "unknown_topic", expect.stringContaining("unheard_of")],
      ["error", "forbidden", expect.stringContaining("user:somebody")],
      ["error", "bad_topic", expect.stringContaining("account:x")],
    ]);
  });

  it("is told of topics beyond the limit; those before it are joined", async () => {
    const { open } = await startTestGateway({ WEBSOCKET_EXTRA_TOPICS: "candles" });
    const topics = Array.from({ length: 140 }, (_, n) => `candles:${n}`);
    const client = await open(`subscriptions=${topics.join()}`);
    const { data } = await client.next();
    expect(data["subscriptions"]).toHaveLength(2 + 128);
    const told = await client.settled();
    expect(told).toHaveLength(11);
    expect(told[0]?.data).toMatchObject({ code: "too_many_subscriptions" });
  });

  it("is told, where a URL of 100 KB can be read at all", async () => {
    const { url } = await startTestGateway();
    const { status } = await handshake(`${url}?subscriptions=${"a".repeat(100_000)}`).catch(() => ({
      status: 0,
    }));
    // The native server cuts such a request off; later builds answer it.
    expect([0, 101, 431]).toContain(status);
  });

  it("is told so often in a second, and then refused before the upgrade", async () => {
    const { url, client } = await startTestGateway();
    const attempts = await Promise.all(
      Array.from({ length: 400 }, () => connect(`${url}?user_id=a%20b`).then(() => 101, String)),
    );
    expect(attempts.filter((status) => status === 101).length).toBeGreaterThanOrEqual(200);
    expect(attempts.some((status) => String(status).includes("429"))).toBe(true);
    await client("user_id=a");
  });

  it("takes the rate of new connections, as those that come to be", async () => {
    const { url } = await startTestGateway({ WEBSOCKET_CONNECTS_PER_SECOND: "2" });
    const statuses = await Promise.all(
      Array.from({ length: 6 }, async () => (await handshake(`${url}?user_id=a%20b`)).status),
    );
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(3);
  });

  it("is no reason to keep the connection of a client that does not leave", async () => {
    const { url } = await startTestGateway();
    const socket = await openRaw(url);
    const ended = once(socket, "close");
    socket.write(upgradeRequest("/ws?user_id=a%20b"));
    socket.resume();
    expect(await ended).toHaveLength(1);
  });
});

describe("a token where none is verified", () => {
  it("is refused, and named", async () => {
    const { open } = await startTestGateway();
    const client = await open("token=abc");
    expect(await client.closed).toMatchObject({
      code: 3500,
      reason: expect.stringContaining("invalid token"),
    });
    expect(client.frames).toMatchObject([
      {
        type: "error",
        data: { code: "unauthorized", message: expect.stringMatching(/^token: .*AUTH_MODE/) },
      },
    ]);
  });
});

describe("ids of users", () => {
  it.each([
    "auth0|5f7c8e",
    "did:privy:c1x",
    "ann+x@mail.test",
    "Jürgen",
    "a}b{c",
    "#",
    "+",
    '"\\',
    "🦊",
    "ü".repeat(128),
  ])("may be %s: greeted, sent to, resumed", async (user) => {
    const { client, open, publish } = await startTestGateway();
    const first = await open(`user_id=${encodeURIComponent(user)}`);
    const { data } = await first.next();
    expect(data).toMatchObject({ user_id: user });
    const topic = `user:${user}`;
    const entry = (data["subscriptions"] as { topic: string; epoch: string; offset: number }[]).find(
      (state) => state.topic === topic,
    );
    const other = await client("user_id=other");
    await publish(topic);
    expect(await first.nextWhere((frame) => frame.topic === topic)).toMatchObject({ data: { user_id: "u" } });
    expect((await other.settled()).filter((frame) => frame.topic === topic)).toEqual([]);
    other.send({ type: "subscribe", id: 1, data: { topic } });
    expect((await other.nextOfType("error")).data).toMatchObject({ code: "forbidden" });
    await first.close();
    const since = encodeURIComponent(`${topic}@${entry?.epoch}:${entry?.offset}`);
    const again = await open(`user_id=${encodeURIComponent(user)}&since=${since}`);
    expect(await again.nextWhere((frame) => frame.topic === topic)).toMatchObject({
      offset: (entry?.offset ?? 0) + 1,
    });
  });
});

describe("limits before the upgrade", () => {
  it("holds exactly as many connections as it may", async () => {
    const { url, client, stats } = await startTestGateway({ WEBSOCKET_MAX_CONNECTIONS: "5" });
    const attempts = await Promise.allSettled(Array.from({ length: 20 }, () => connect(url)));
    const opened = attempts.flatMap((attempt) => (attempt.status === "fulfilled" ? [attempt.value] : []));
    expect(opened).toHaveLength(5);
    const { status, headers, body } = await handshake(url);
    expect([status, headers["retry-after"]]).toEqual([503, "5"]);
    expect(JSON.parse(body)).toMatchObject({ code: "server_full" });
    expect(await stats()).toMatchObject({ total_connections: 5 });
    await opened[0]?.close();
    await eventually(async () => expect(await stats()).toMatchObject({ total_connections: 4 }));
    await client();
    await expect(connect(url)).rejects.toThrow("503");
    for (const { socket } of opened) socket.terminate();
  });

  it("limits connections from one address", async () => {
    const { url, client } = await startTestGateway({ WEBSOCKET_MAX_CONNECTIONS_PER_IP: "2" });
    const first = await client();
    await client();
    const { status, headers, body } = await handshake(url);
    expect([status, headers["retry-after"]]).toEqual([429, "10"]);
    expect(JSON.parse(body)).toMatchObject({ code: "address_limit" });
    await first.close();
    await eventually(() => client());
  });

  it("counts the addresses of clients, not of the proxies in front, whatever clients claim", async () => {
    const { url } = await startTestGateway({
      WEBSOCKET_MAX_CONNECTIONS_PER_IP: "1",
      TRUSTED_PROXIES: "127.0.0.0/8,::1",
    });
    const status = async (...lines: string[]): Promise<number> => {
      const headers = lines.map((line) => `X-Forwarded-For: ${line}`);
      return (await handshake(url, headers)).status;
    };
    const hold = async (address: string) => {
      const { socket } = await connect(url, { headers: { "x-forwarded-for": address } });
      onTestFinished(() => socket.terminate());
    };
    await hold("198.51.100.1");
    expect(await status("198.51.100.1")).toBe(429);
    expect(await status("1.1.1.1, 198.51.100.1")).toBe(429);
    expect(await status("1.1.1.1", "198.51.100.1")).toBe(429);
    await hold("198.51.100.2");
    await hold("1.1.1.1, 198.51.100.3");
  });

  it("believes nobody's X-Forwarded-For when no proxy is trusted", async () => {
    const { url } = await startTestGateway({ WEBSOCKET_MAX_CONNECTIONS_PER_IP: "1" });
    const { socket } = await connect(url);
    expect((await handshake(url, ["X-Forwarded-For: 198.51.100.1"])).status).toBe(429);
    socket.terminate();
  });

  it("counts an IPv6 network of 64 bits as one address, because one customer has all of it", async () => {
    const { url } = await startTestGateway({
      WEBSOCKET_MAX_CONNECTIONS_PER_IP: "1",
      TRUSTED_PROXIES: "127.0.0.0/8,::1",
    });
    const statusOf = async (address: string): Promise<number> =>
      (await handshake(url, [`X-Forwarded-For: ${address}`])).status;
    const { socket } = await connect(url, { headers: { "x-forwarded-for": "2001:db8:1:2::1" } });
    onTestFinished(() => socket.terminate());
    expect(await statusOf("2001:db8:1:2:ffff::9")).toBe(429);
    expect(await statusOf("2001:db8:1:2::1")).toBe(429);
    expect(await statusOf("2001:db8:1:3::1")).not.toBe(429);
  });

  it("lets pages of the allowed origins in, and programs, which send none", async () => {
    const { url, httpUrl } = await startTestGateway({
      WEBSOCKET_ALLOWED_ORIGINS: "https://app.example.com,https://*.example.org",
    });
    for (const headers of [{}, { origin: "https://app.example.com" }, { origin: "https://a.example.org" }]) {
      (await connect(url, { headers })).socket.terminate();
    }
    const { status, body } = await handshake(url, ["Origin: https://evil.example"]);
    expect(status).toBe(403);
    expect(JSON.parse(body)).toMatchObject({ code: "forbidden_origin" });
    const text = await (await fetch(`${httpUrl}/metrics`)).text();
    expect(text).toMatch(/refused_total\{code="forbidden_origin"[^}]*\} 1/);
  });

  it.each(["capacitor://localhost", "tauri://localhost", "null"])(
    "lets the app %s in, where it is listed",
    async (origin) => {
      const { url } = await startTestGateway({
        WEBSOCKET_ALLOWED_ORIGINS: `https://app.example.com,${origin}`,
      });
      (await connect(url, { headers: { origin } })).socket.terminate();
      for (const other of ["ionic://localhost", `${origin}x`])
        expect((await handshake(url, [`Origin: ${other}`])).status).toBe(403);
    },
  );

  it("lets pages of the allowed origins read the statistics", async () => {
    const { httpUrl } = await startTestGateway({
      WEBSOCKET_ALLOWED_ORIGINS: "https://app.example.com,capacitor://localhost",
    });
    const ask = (origin: string, method = "GET") =>
      fetch(`${httpUrl}/api/ws/connections`, {
        method,
        headers: { origin, "access-control-request-method": "GET", "access-control-request-headers": "x-a" },
      });
    for (const origin of ["https://app.example.com", "capacitor://localhost"]) {
      for (const method of ["GET", "OPTIONS"]) {
        const { ok, headers } = await ask(origin, method);
        expect([ok, headers.get("access-control-allow-origin"), headers.get("vary")]).toEqual([
          true,
          origin,
          "Origin",
        ]);
      }
    }
    expect(
      (await ask("https://app.example.com", "OPTIONS")).headers.get("access-control-allow-methods"),
    ).toContain("GET");
    for (const [method, status] of [
      ["GET", 200],
      ["OPTIONS", 403],
    ] as const) {
      const answer = await ask("https://evil.example", method);
      expect([
        answer.status,
        answer.headers.get("access-control-allow-origin"),
        answer.headers.get("vary"),
      ]).toEqual([status, null, "Origin"]);
    }
    const plain = await fetch(`${httpUrl}/api/ws/connections`);
    expect([plain.headers.get("access-control-allow-origin"), plain.headers.get("vary")]).toEqual([
      null,
      "Origin",
    ]);
  });

  it("limits the connections of one user, and says so", async () => {
    const { client, open } = await startTestGateway({ WEBSOCKET_MAX_CONNECTIONS_PER_USER: "2" });
    await client("user_id=a");
    await client("user_id=a");
    await client("user_id=b");
    expect(await (await open("user_id=a")).closed).toEqual({
      code: 3504,
      reason: "connection limit: 2 for one user",
    });
    await client();
    await client();
    await client();
  });

  it("limits new connections per second", async () => {
    const { url } = await startTestGateway({ WEBSOCKET_CONNECTS_PER_SECOND: "3" });
    const attempts = await Promise.allSettled(Array.from({ length: 10 }, () => connect(url)));
    const opened = attempts.filter(({ status }) => status === "fulfilled").length;
    expect(opened).toBeGreaterThanOrEqual(3);
    expect(opened).toBeLessThan(6);
    expect(attempts.find(({ status }) => status === "rejected")).toMatchObject({
      reason: { message: "refused with 429" },
    });
    const { status, headers } = await handshake(url);
    expect([status, headers["retry-after"]]).toEqual([429, "1"]);
    for (const attempt of attempts) if (attempt.status === "fulfilled") attempt.value.socket.terminate();
  });
});

describe("limits of the whole cluster", () => {
  const twoGateways = async (environment: Record<string, string>) => {
    const broker = createMemoryBroker();
    const start = (serverId: string) => startTestGateway({ SERVER_ID: serverId, ...environment }, { broker });
    return [await start("one"), await start("two")] as const;
  };
  const metricOf = async (httpUrl: string, limit: string): Promise<string | undefined> => {
    const text = await (await fetch(`${httpUrl}/metrics`)).text();
    return new RegExp(`over_limit_total\\{limit="${limit}"[^}]*\\} (\\d+)`).exec(text)?.[1];
  };

  it("let a user have so many connections, on whichever gateways, and say so before anything else", async () => {
    const [one, two] = await twoGateways({ WEBSOCKET_MAX_CONNECTIONS_PER_USER: "2" });
    const first = await one.client("user_id=a");
    await two.client("user_id=a");
    const third = await two.open("user_id=a&subscriptions=market_data");
    expect(await third.closed).toEqual({ code: 3504, reason: "connection limit: 2 for one user" });
    expect(third.frames).toEqual([]);
    expect(await metricOf(two.httpUrl, "user")).toBe("1");
    await two.client("user_id=b");
    await two.client();
    await first.close();
    await two.client("user_id=a");
  });

  it("let an address have so many", async () => {
    const [one, two] = await twoGateways({ WEBSOCKET_MAX_CONNECTIONS_PER_IP: "2" });
    await one.client();
    const second = await two.client();
    expect(await (await one.open()).closed).toEqual({
      code: 3504,
      reason: "connection limit: 2 from one address",
    });
    expect(await metricOf(one.httpUrl, "address")).toBe("1");
    await second.close();
    await one.client();
  });

  it("are never exceeded by many who come at once, and what a stopped gateway held is free", async () => {
    const gateways = await twoGateways({ WEBSOCKET_MAX_CONNECTIONS_PER_USER: "3" });
    const opened = await Promise.all(
      Array.from({ length: 12 }, (_, index) => gateways[index % 2 === 0 ? 0 : 1].open("user_id=a")),
    );
    const outcomes = await Promise.all(
      opened.map((client) =>
        Promise.race([client.nextOfType("connected").catch(() => null), client.closed.then(() => null)]),
      ),
    );
    expect(outcomes.filter((outcome) => outcome !== null)).toHaveLength(3);
    await gateways[0].gateway.stop();
    for (const client of opened) await client.close();
    await Promise.all([1, 2, 3].map(() => gateways[1].client("user_id=a")));
  });
});

describe("every limit", () => {
  it("is counted", async () => {
    const { url, httpUrl, open, client } = await startTestGateway({
      WEBSOCKET_MAX_CONNECTIONS: "3",
      WEBSOCKET_MAX_SUBSCRIPTIONS: "1",
      WEBSOCKET_MAX_FRAME_BYTES: "1024",
      WEBSOCKET_FRAMES_PER_SECOND: "1",
    });
    const busy = await client("subscriptions=market_data");
    busy.send({ type: "subscribe", id: 1, data: { topic: "transactions" } });
    expect(await busy.nextOfType("error")).toMatchObject({ data: { code: "too_many_subscriptions" } });
    for (let n = 0; n < 5; n += 1) busy.send({ type: "ping" });
    expect(await busy.nextOfType("error")).toMatchObject({ data: { code: "rate_limited" } });
    for (let n = 0; n < 20; n += 1) busy.send({ type: "ping" });
    expect(await busy.closed).toMatchObject({ code: 3013 });
    const large = await client();
    large.send("x".repeat(2_000));
    expect(await large.closed).toMatchObject({ code: 1009 });
    for (let n = 0; n < 3; n += 1) await open();
    expect((await handshake(url)).status).toBe(503);
    const text = await (await fetch(`${httpUrl}/metrics`)).text();
    const metrics = [
      /errors_total\{code="too_many_subscriptions"[^}]*\} 1\n/,
      /errors_total\{code="rate_limited"[^}]*\} [1-9]/,
      /closes_total\{code="3013"[^}]*\} 1\n/,
      /closes_total\{code="1009"[^}]*\} 1\n/,
      /refused_total\{code="server_full"[^}]*\} 1\n/,
    ];
    for (const metric of metrics) expect(text).toMatch(metric);
  });

  it.each([
    ["WEBSOCKET_MAX_CONNECTIONS_PER_IP", "address_limit"],
    ["WEBSOCKET_CONNECTS_PER_SECOND", "rate_limited"],
  ])("%s is counted as %s", async (variable, code) => {
    const { url, httpUrl, client } = await startTestGateway({ [variable]: "1" });
    await client();
    expect(JSON.parse((await handshake(url)).body)).toMatchObject({ code });
    const text = await (await fetch(`${httpUrl}/metrics`)).text();
    expect(text).toMatch(new RegExp(`refused_total\\{code="${code}"[^}]*\\} 1\n`));
  });
});
