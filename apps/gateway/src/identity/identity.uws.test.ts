import { createMemoryBroker } from "@commcoin/broker";
import { eventually } from "@commcoin/tsconfig/eventually";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { handshake } from "../testing/raw-socket.ts";
import { recordLog } from "../testing/recorded-log.ts";
import type { TestClient } from "../testing/test-client.ts";
import { startTestGateway } from "../testing/test-gateway.ts";
import { forge, published, rsaKeys, SECRET, settableClock, sign, startKeyServer } from "../testing/tokens.ts";
import { testAddress } from "../testing/test-address.ts";

const TOKEN_A = `token:${testAddress(1)}`;
const TOKEN_B = `token:${testAddress(2)}`;

const WALLET = "7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU";
const JWT = { AUTH_MODE: "jwt", AUTH_JWT_SECRET: SECRET };
const soon = (clock: { now(): number }, seconds: number): number => Math.ceil(clock.now() / 1_000) + seconds;

const setUp = async (environment: Record<string, string> = {}) => {
  const clock = settableClock();
  const gateway = await startTestGateway({ ...JWT, ...environment }, { clock });
  const metric = async (pattern: RegExp): Promise<string | undefined> =>
    pattern.exec(await (await fetch(`${gateway.httpUrl}/metrics`)).text())?.[1];
  return { ...gateway, clock, metric };
};
const topicsIn = ({ data }: { data: Record<string, unknown> }): unknown =>
  (data.subscriptions as { topic: string }[]).map(({ topic }) => topic);
const authenticate = async (client: TestClient, token: string) => {
  client.send({ type: "auth", id: "auth", data: { token } });
  return client.nextWhere(({ id, type }) => id === "auth" || type === "connected");
};

describe("a token in the query", () => {
  it("says who the user is, and joins the topics of that user and of the wallets", async () => {
    const { open, stats } = await setUp();
    const token = await sign({ sub: "me", wallets: [WALLET] });
    const client = await open(`token=${token}&subscriptions=market_data,user:me`);
    const greeting = await client.next();
    expect(greeting).toMatchObject({ type: "connected", data: { user_id: "me" } });
    expect(topicsIn(greeting)).toEqual([
      "broadcast",
      "server:server-1",
      "user:me",
      `account:${WALLET}`,
      "market_data",
    ]);
    expect(await stats()).toMatchObject({ total_connections: 1, active_users: 1, subscriptions: 1 });
  });

  it.each([
    ["is none", 3500, () => Promise.resolve("abc")],
    ["has no algorithm", 3500, () => Promise.resolve(forge({ alg: "none" }, { sub: "me" }))],
    ["has expired", 3005, () => sign({ sub: "me", iss: "id", exp: 1_000 })],
    ["is another user's than user_id", 3507, () => sign({ sub: "you", iss: "id" })],
    ["has another issuer", 3500, () => sign({ sub: "me", iss: "other" })],
  ])("that %s closes the connection with %i and a reason", async (_, code, make) => {
    const { open, metric, stats } = await setUp({ AUTH_JWT_ISSUER: "id" });
    const client = await open(`user_id=me&token=${await make()}`);
    expect(await client.closed).toEqual({ code, reason: expect.stringContaining("token") });
    expect(client.frames).toEqual([
      {
        type: "error",
        data: { code: expect.any(String), message: expect.stringMatching(/^(token|user_id): .{10}/) },
      },
    ]);
    expect(await stats()).toMatchObject({ total_connections: 0, active_users: 0 });
    expect(await metric(new RegExp(`closes_total\\{code="${code}"[^}]*\\} (\\d+)`))).toBe("1");
  });

  it("with a wrong signature closes the connection with a reason, and nothing else is said", async () => {
    const { open, stats, metric } = await setUp();
    const client = await open(`token=${await sign({ sub: "me" }, { key: Buffer.alloc(64, 1) })}`);
    expect(await client.closed).toEqual({ code: 3500, reason: "invalid token: the signature is wrong" });
    expect(client.frames).toEqual([
      { type: "error", data: { code: "unauthorized", message: "token: the signature is wrong." } },
    ]);
    await eventually(async () =>
      expect(await stats()).toMatchObject({ total_connections: 0, active_users: 0 }),
    );
    expect(await metric(/authentications_total\{outcome="invalid"[^}]*\} (\d+)/)).toBe("1");
    expect(await metric(/closes_total\{code="3500"[^}]*\} (\d+)/)).toBe("1");
  });
});

describe("a token in the first frame", () => {
  it("is waited for; what was sent after it is done after it", async () => {
    const { open, publish } = await setUp();
    const client = await open("user_id=me&subscriptions=market_data");
    client.send({ type: "auth", id: 1, data: { token: await sign({ sub: "me" }) } });
    client.send({ type: "subscribe", id: 2, data: { topic: "transactions" } });
    expect(await client.next()).toMatchObject({ type: "connected", data: { user_id: "me" } });
    expect(await client.next()).toEqual({
      type: "authenticated",
      id: 1,
      data: { user_id: "me", expires_at: null },
    });
    expect(await client.next()).toMatchObject({ type: "subscribed", id: 2 });
    await publish("user:me");
    expect(await client.next()).toMatchObject({ topic: "user:me" });
  });

  it("must come before anything else; nothing is told and nothing delivered until then", async () => {
    const { open, publish } = await setUp();
    const client = await open("user_id=me&subscriptions=market_data");
    client.send({ type: "subscribe", id: 1, data: { topic: "market_data" } });
    client.send({ type: "ping", id: 2 });
    for (const id of [1, 2])
      expect(await client.next()).toMatchObject({ type: "error", id, data: { code: "unauthorized" } });
    await publish("user:me");
    await publish("broadcast");
    expect(await authenticate(client, await sign({ sub: "me" }))).toMatchObject({ type: "connected" });
    await client.nextOfType("authenticated");
    expect(client.frames.map(({ type }) => type)).toEqual(["error", "error", "connected", "authenticated"]);
  });

  it.each([
    ["a wrong one", { sub: "me" }, { key: Buffer.alloc(64, 1) }, 3500],
    ["one of somebody else", { sub: "you" }, {}, 3507],
    ["an expired one", { sub: "me", exp: 1_000 }, {}, 3005],
  ])("ends the connection when it is %s", async (_, claims, options, code) => {
    const { open } = await setUp();
    const client = await open("user_id=me");
    client.send({ type: "auth", id: 5, data: { token: await sign(claims, options) } });
    expect(await client.closed).toMatchObject({ code });
    expect(client.frames).toMatchObject([{ type: "error", id: 5 }]);
  });

  it("must come soon", async () => {
    const { open, clock, metric } = await setUp();
    const client = await open("user_id=me");
    clock.passedMs += 9_000;
    const other = await open("user_id=me");
    clock.passedMs += 1_500;
    expect(await client.closed).toEqual({
      code: 3500,
      reason: "no token came within 10 seconds",
    });
    expect(await authenticate(other, await sign({ sub: "me" }))).toMatchObject({ type: "connected" });
    expect(await metric(/authentications_total\{outcome="missing"[^}]*\} (\d+)/)).toBe("1");
  });

  it("is waited for by a limited number of connections", async () => {
    const { open, url, client, stats } = await setUp({ WEBSOCKET_MAX_CONNECTIONS: "500" });
    const waiting = await Promise.all(Array.from({ length: 100 }, () => open()));
    const { status, headers, body } = await handshake(url);
    expect([status, headers["retry-after"]]).toEqual([503, "1"]);
    expect(JSON.parse(body)).toMatchObject({ code: "pending_limit" });
    await waiting[0]?.close();
    await eventually(async () => expect(await stats()).toMatchObject({ total_connections: 99 }));
    await client(`token=${await sign({ sub: "me" })}`);
  });
});

describe("the life of a token", () => {
  it("ends with a grace, in which the next one can come without a reconnect", async () => {
    const { open, clock, publish, gateway } = await setUp();
    const [kept, lost] = [await open(), await open()];
    const first = await sign({ sub: "me", exp: soon(clock, 60) });
    for (const client of [kept, lost]) {
      expect(await authenticate(client, first)).toMatchObject({ type: "connected" });
    }
    await kept.nextOfType("authenticated");
    clock.passedMs += 80_000;
    await publish("user:me");
    await kept.nextWhere(({ topic }) => topic === "user:me");
    const expires_at = soon(clock, 60);
    expect(await authenticate(kept, await sign({ sub: "me", exp: expires_at }))).toEqual({
      type: "authenticated",
      id: "auth",
      data: { user_id: "me", expires_at },
    });
    clock.passedMs += 8_000;
    expect(await lost.closed).toEqual({ code: 3005, reason: "token expired" });
    clock.passedMs += 70_000;
    await publish("user:me");
    await kept.nextWhere(({ topic }) => topic === "user:me");
    expect(gateway.stats()).toMatchObject({ total_connections: 1 });
    clock.passedMs += 20_000;
    expect(await kept.closed).toMatchObject({ code: 3005 });
  });

  it("does not change when the system's clock is set", async () => {
    const { open, clock, gateway } = await setUp();
    const client = await open(`token=${await sign({ sub: "me", exp: soon(clock, 60) })}`);
    await client.next();
    const sweeps = async (): Promise<void> => {
      // Somebody who waits in vain shows that the sweep has run.
      const witness = await open();
      clock.passedMs += 11_000;
      await witness.closed;
    };
    clock.wallShiftMs += 86_400_000;
    await sweeps();
    expect(gateway.stats()).toMatchObject({ total_connections: 1 });
    clock.wallShiftMs -= 2 * 86_400_000;
    await sweeps();
    expect(gateway.stats()).toMatchObject({ total_connections: 1 });
    clock.passedMs += 70_000;
    expect(await client.closed).toMatchObject({ code: 3005 });
  });

  it("is not prolonged by a token that is wrong, expired or of somebody else", async () => {
    const { client: connect, clock } = await setUp();
    const client = await connect(`token=${await sign({ sub: "me", exp: soon(clock, 60) })}`);
    const refused = async (token: string) => (await authenticate(client, token)).data.code;
    expect(await refused("abc")).toBe("unauthorized");
    expect(await refused(forge({ alg: "none" }, { sub: "me" }))).toBe("unauthorized");
    expect(await refused(await sign({ sub: "you" }))).toBe("unauthorized");
    expect(await refused(await sign({ sub: "me", exp: soon(clock, -60) }))).toBe("token_expired");
    const token = await sign({ sub: "me" });
    client.send({ type: "auth", id: 1, data: { token } });
    client.send({ type: "auth", id: 2, data: { token } });
    expect(await client.nextWhere(({ id }) => id === 2)).toMatchObject({ data: { code: "rate_limited" } });
    await client.nextOfType("authenticated");
  });
});

describe("the topics claim", () => {
  const allowed = { sub: "me", topics: ["market_data", "token:*"] };

  it("limits what may be subscribed to and read", async () => {
    const { open } = await setUp();
    const client = await open(
      `token=${await sign(allowed)}&subscriptions=market_data,transactions,${TOKEN_A},user:you`,
    );
    expect(topicsIn(await client.next())).toEqual([
      "broadcast",
      "server:server-1",
      "user:me",
      "market_data",
      TOKEN_A,
    ]);
    for (const topic of ["transactions", "user:you"]) {
      expect((await client.next()).data).toMatchObject({
        code: "forbidden",
        message: expect.stringContaining(topic),
      });
    }
    client.send({ type: "subscribe", id: 1, data: { topics: [TOKEN_B, `program:${testAddress(3)}`] } });
    client.send({ type: "history", id: 2, data: { topic: "transactions" } });
    const answers = (await client.settled()).map(({ type, id, data }) =>
      [id, type, data.topic ?? data.code].join(),
    );
    expect(new Set(answers)).toEqual(
      new Set(["1,error,forbidden", `1,subscribed,${TOKEN_B}`, "2,error,forbidden"]),
    );
  });

  it("takes topics away when the next token does not have them any more", async () => {
    const { client: connect, publish, stats } = await setUp();
    const client = await connect(`token=${await sign(allowed)}&subscriptions=market_data,${TOKEN_A}`);
    await authenticate(client, await sign({ sub: "me", topics: ["token:*"] }));
    expect(await client.next()).toEqual({ type: "unsubscribed", data: { topic: "market_data" } });
    await publish("market_data");
    await publish(TOKEN_A);
    expect((await client.settled()).map(({ topic }) => topic)).toEqual([TOKEN_A]);
    expect(await stats()).toMatchObject({ subscriptions: 1 });
  });
});

describe("verified users", () => {
  it("may have a limited number of connections, counted when it is known who they are", async () => {
    const { client, open, metric } = await setUp({ WEBSOCKET_MAX_CONNECTIONS_PER_USER: "2" });
    const token = await sign({ sub: "me" });
    const first = await client(`token=${token}`);
    await client(`token=${token}`);
    const third = await open(`token=${token}`);
    expect(await third.closed).toEqual({ code: 3504, reason: "connection limit: 2 for one user" });
    expect(await metric(/closes_total\{code="3504"[^}]*\} (\d+)/)).toBe("1");
    await client(`token=${await sign({ sub: "you" })}`);
    await first.close();
    await eventually(() => client(`token=${token}`));
  });

  it("come back later when the keys are not there, and get in when they are", async () => {
    const provider = await startKeyServer();
    const { privateKey, publicKey } = rsaKeys();
    provider.answer = null;
    const clock = settableClock();
    const gateway = await startTestGateway({ AUTH_MODE: "jwt", AUTH_JWKS_URL: provider.url }, { clock });
    const token = await sign({ sub: "me" }, { alg: "RS256", key: privateKey, kid: "1" });
    const ready = async () => (await fetch(`${gateway.httpUrl}/readyz`)).status;
    expect(await ready()).toBe(503);
    clock.passedMs += 60_000;
    const early = await gateway.open(`token=${token}`);
    expect(await early.closed).toMatchObject({ code: 3011 });
    provider.answer = { keys: [published(publicKey, "1")] };
    clock.passedMs += 60_000;
    await eventually(async () => expect(await ready()).toBe(200));
    await gateway.client(`token=${token}`);
  });
});

it("no token is ever written anywhere", async () => {
  const { logger, lines } = recordLog();
  const written: string[] = [];
  for (const stream of [process.stdout, process.stderr]) {
    const spy = vi.spyOn(stream, "write").mockImplementation((chunk) => {
      written.push(String(chunk));
      return true;
    });
    onTestFinished(() => spy.mockRestore());
  }
  const { url, httpUrl, open, gateway, broker } = await startTestGateway(JWT, {
    logger,
    broker: createMemoryBroker(),
  });
  const tokens = [
    await sign({ sub: "me", exp: Math.ceil(Date.now() / 1_000) + 60 }),
    await sign({ sub: "me" }, { key: Buffer.alloc(64, 1) }),
    await sign({ sub: "me", exp: 1_000 }),
    await sign({ sub: "not a user" }),
    forge({ alg: "none" }, { sub: "me" }, "c2lnbmF0dXJl"),
  ];
  const answers: string[] = [];
  for (const token of tokens) {
    answers.push((await handshake(`${url}?token=${token}&user_id=other`)).body);
    const client = await open();
    client.send({ type: token, data: { token } });
    client.send({ type: "auth", id: 1, data: { token, extra: token } });
    client.send(`{"type":"auth","data":{"token":"${token}"`);
    const known = await Promise.race([client.nextOfType("connected").catch(() => null), client.closed]);
    if (known !== null && "data" in known) client.send({ type: "auth", id: 2, data: { token } });
    await Promise.race([client.settled().catch(() => null), client.closed]);
    answers.push(JSON.stringify(client.frames.filter(({ data }) => data.code !== "unknown_type")));
    answers.push(JSON.stringify(await Promise.race([client.closed, Promise.resolve(null)])));
  }
  await broker.close();
  answers.push(await (await fetch(`${httpUrl}/metrics`)).text());
  await gateway.stop();
  expect(lines.length).toBeGreaterThan(5);
  const all = [...answers, ...lines, ...written].join("\n");
  for (const token of tokens) {
    for (const part of token.split(".").filter(({ length }) => length > 10)) expect(all).not.toContain(part);
  }
  expect(all).not.toContain(SECRET);
});
