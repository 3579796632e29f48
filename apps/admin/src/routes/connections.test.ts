import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bearer, createTestApp, TOKEN, type TestApp } from "../testing/app.ts";
import { connection, startFakeGateway } from "../testing/fake-gateway.ts";

let test: TestApp;
beforeEach(async () => {
  test = await createTestApp();
});
afterEach(async () => {
  await test.app.close();
});

const get = async (url: string) => {
  const answer = await test.app.inject(url);
  return { status: answer.statusCode, body: answer.json() };
};
const post = async (url: string, headers: Record<string, string> = bearer(TOKEN)) => {
  const answer = await test.app.inject({ method: "POST", url, headers });
  return { status: answer.statusCode, body: answer.json() };
};
const ids = ({ body }: { body: { connections: { id: string }[] } }) => body.connections.map(({ id }) => id);
const idsUpTo = (count: number, prefix: string) =>
  Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(3, "0")}`);

describe("GET /api/connections", () => {
  it("pages through the connections of all gateways, each once, in one order", async () => {
    await startFakeGateway(
      test.broker,
      "g-1",
      idsUpTo(30, "a").map((id) => connection(id)),
    );
    await startFakeGateway(
      test.broker,
      "g-2",
      idsUpTo(5, "a").map((id) => connection(`${id}x`)),
    );
    const seen: string[] = [];
    let cursor = "";
    let pages = 0;
    for (;;) {
      const page = await get(`/api/connections?limit=10${cursor}`);
      expect(page.body.missing_servers).toEqual([]);
      seen.push(...ids(page));
      pages += 1;
      if (page.body.next_cursor === null) break;
      cursor = `&cursor=${page.body.next_cursor}`;
    }
    expect(pages).toBe(4);
    expect(seen).toEqual([...idsUpTo(30, "a"), ...idsUpTo(5, "a").map((id) => `${id}x`)].toSorted());
  });

  it("hands the filter to the gateways, and asks one only when one is named", async () => {
    const one = await startFakeGateway(test.broker, "g-1", [connection("a")]);
    const two = await startFakeGateway(test.broker, "g-2", [connection("b")]);
    const page = await get(
      "/api/connections?server_id=g-2&user_id=ann&address=203.0.113.&topic=token:abc&limit=7&cursor=a",
    );
    expect(page).toMatchObject({ status: 200, body: { connections: [{ id: "b" }], next_cursor: null } });
    expect(one.asked).toEqual([]);
    expect(two.asked).toEqual([
      {
        type: "connections",
        user_id: "ann",
        address: "203.0.113.",
        topic: "token:abc",
        after: "a",
        limit: 7,
      },
    ]);
  });

  it("refuses an unknown server, a wrong limit and a wrong cursor; nobody is an empty list", async () => {
    expect(await get("/api/connections")).toEqual({
      status: 200,
      body: { connections: [], next_cursor: null, missing_servers: [] },
    });
    expect(await get("/api/connections?server_id=g-9")).toMatchObject({
      status: 404,
      body: { code: "unknown_server" },
    });
    for (const query of [
      "limit=0",
      "limit=501",
      "cursor=%20",
      "topic=Bad Topic",
      "user_id=a b",
      "address=localhost",
    ]) {
      expect((await get(`/api/connections?${query}`)).status).toBe(400);
    }
  });
});

describe("one connection", () => {
  it("is found wherever it is, and 404 when no gateway has it", async () => {
    await startFakeGateway(test.broker, "g-1", [connection("a")]);
    await startFakeGateway(test.broker, "g-2", [connection("b", { server_id: "g-2", user_id: "bob" })]);
    expect(await get("/api/connections/b")).toEqual({
      status: 200,
      body: connection("b", { server_id: "g-2", user_id: "bob" }),
    });
    expect(await get("/api/connections/c")).toMatchObject({ status: 404, body: { code: "not_found" } });
  });

  it("is disconnected with the token only, and 404 when no gateway has it", async () => {
    const one = await startFakeGateway(test.broker, "g-1", [connection("a")]);
    await startFakeGateway(test.broker, "g-2", []);
    expect((await post("/api/connections/a/disconnect", {})).status).toBe(401);
    expect(one.asked).toEqual([]);
    expect(await post("/api/connections/a/disconnect")).toEqual({
      status: 200,
      body: { connections: 1, servers: 1, missing_servers: [] },
    });
    expect(await post("/api/connections/c/disconnect")).toMatchObject({ status: 404 });
  });
});

describe("users and servers", () => {
  const ann = (id: string) => connection(id, { user_id: "ann" });

  it("disconnects a user everywhere and says how many connections that were on how many gateways", async () => {
    await startFakeGateway(test.broker, "g-1", [ann("a"), ann("b")]);
    await startFakeGateway(test.broker, "g-2", [ann("c")]);
    await startFakeGateway(test.broker, "g-3", [connection("d")]);
    expect(await post("/api/users/ann/disconnect")).toEqual({
      status: 200,
      body: { connections: 3, servers: 2, missing_servers: [] },
    });
    expect(await post("/api/users/bob/disconnect")).toMatchObject({ status: 404 });
    expect((await post("/api/users/ann/disconnect", {})).status).toBe(401);
  });

  it.each(["auth0|5f7c8e", "did:privy:c1x", "ann+x@mail.test", "Jürgen", "50%", "a#b?c", "ü".repeat(128)])(
    "finds the user %s by the id as it is, escaped in the URL",
    async (user) => {
      const gateway = await startFakeGateway(test.broker, "g-1", [connection("a", { user_id: user })]);
      const escaped = encodeURIComponent(user);
      expect(await post(`/api/users/${escaped}/disconnect`)).toMatchObject({ body: { connections: 1 } });
      const page = await get(
        `/api/connections?user_id=${escaped}&topic=${encodeURIComponent(`user:${user}`)}`,
      );
      expect(page).toMatchObject({ status: 200, body: { connections: [{ user_id: user }] } });
      expect(gateway.asked).toMatchObject([
        { type: "disconnect_user", user_id: user },
        { type: "connections", user_id: user, topic: `user:${user}` },
      ]);
    },
  );

  it.each(["a%2Fb", "a%20b", "a%00", "%ZZ", "%FF", "x".repeat(257)])(
    "says what is wrong with the user %s",
    async (escaped) => {
      const answer = await post(`/api/users/${escaped}/disconnect`);
      expect(answer).toMatchObject({ status: 400, body: { code: "bad_request" } });
    },
  );

  it("drains one gateway", async () => {
    const one = await startFakeGateway(test.broker, "g-1", [ann("a")]);
    const two = await startFakeGateway(test.broker, "g-2", []);
    expect((await post("/api/servers/g-1/drain", {})).status).toBe(401);
    expect(await post("/api/servers/g-1/drain")).toEqual({
      status: 200,
      body: { server_id: "g-1", connections: 1 },
    });
    expect([one.asked, two.asked]).toEqual([[{ type: "drain" }], []]);
    expect(await post("/api/servers/g-9/drain")).toMatchObject({
      status: 404,
      body: { code: "unknown_server" },
    });
  });

  it("adds up the subscribers of a topic, and tells where it stands", async () => {
    await startFakeGateway(test.broker, "g-1", [ann("a"), ann("b")]);
    await startFakeGateway(test.broker, "g-2", [ann("c")]);
    await test.broker.publish([{ topic: "transactions", type: "TransactionUpdate", id: "1", data: {} }]);
    expect((await get("/api/topics")).body).toEqual({
      topics: [
        {
          topic: "transactions",
          subscribers: 3,
          epoch: expect.any(String),
          offset: 1,
          messages_per_second: 1.5,
        },
      ],
      next_cursor: null,
      missing_servers: [],
    });
  });
});

describe("a gateway that does not answer", () => {
  it("is named, and keeps 404 from being said", { timeout: 20_000 }, async () => {
    await startFakeGateway(test.broker, "g-1", [connection("a", { user_id: "ann" })]);
    const { silence } = await startFakeGateway(test.broker, "g-2", []);
    silence();
    const missing_servers = ["g-2"];
    const answers = await Promise.all([
      get("/api/connections"),
      get("/api/connections/a"),
      get("/api/connections/b"),
      get("/api/topics"),
      post("/api/users/ann/disconnect"),
      post("/api/users/bob/disconnect"),
      post("/api/servers/g-2/drain"),
    ]);
    const lost = { status: 504, body: { code: "not_answered", message: expect.stringContaining("g-2") } };
    expect(answers).toMatchObject([
      { status: 200, body: { connections: [{ id: "a" }], missing_servers } },
      { status: 200, body: { id: "a" } },
      lost,
      { status: 200, body: { missing_servers } },
      { status: 200, body: { connections: 1, servers: 1, missing_servers } },
      lost,
      lost,
    ]);
    const metrics = await test.registry.metrics();
    expect(metrics).toContain(
      'commcoin_admin_surveys_total{question="drain",result="partial",service="admin"} 1',
    );
  });
});
