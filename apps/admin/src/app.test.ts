import { once } from "node:events";
import { connect, type AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { errorBody } from "./api-error.ts";
import { bearer, broadcast, createTestApp, TOKEN, type TestApp } from "./testing/app.ts";

const STRANGER = "203.0.113.9";
const READS = [
  "/api/ws/connections",
  "/api/servers",
  "/api/connections",
  "/api/topics",
  "/api/topics/transactions/history",
];

let test: TestApp;
beforeEach(async () => {
  test = await createTestApp();
});
afterEach(async () => {
  await test.app.close();
});

describe("access to reads", () => {
  it.each(READS)("%s is open on this machine", async (url) => {
    for (const remoteAddress of ["127.0.0.1", "::1", "::ffff:127.0.0.1"]) {
      expect((await test.app.inject({ url, remoteAddress })).statusCode).toBe(200);
    }
  });

  it.each(READS)("%s needs the token from elsewhere", async (url) => {
    const remoteAddress = STRANGER;
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await test.app.inject({ url, remoteAddress, headers })).statusCode;
    expect(await status({})).toBe(401);
    expect(await status({ "x-forwarded-for": "127.0.0.1" })).toBe(401);
    expect(await status(bearer("wrong-token-wrong-token"))).toBe(401);
    expect(await status(bearer(TOKEN))).toBe(200);
  });

  it("from elsewhere are refused with a sentence while there is no token", async () => {
    const open = await createTestApp({});
    const answer = await open.app.inject({
      url: READS[0] ?? "",
      remoteAddress: STRANGER,
      headers: bearer(TOKEN),
    });
    expect(answer.statusCode).toBe(403);
    expect(answer.json()).toMatchObject({
      code: "forbidden",
      message: expect.stringContaining("ADMIN_TOKEN"),
    });
    await open.app.close();
  });
});

describe("access to writes", () => {
  it("needs the token, on this machine as well", async () => {
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await test.app.inject(broadcast({}, headers))).statusCode;
    expect(await status({})).toBe(401);
    expect(await status({ authorization: `Basic ${TOKEN}` })).toBe(401);
    expect(await status(bearer("wrong-token-wrong-token"))).toBe(401);
    expect(await status(bearer(TOKEN))).toBe(200);
  });

  it("asks for the token before it looks at the body", async () => {
    const answer = await test.app.inject({ method: "POST", url: "/api/ws/broadcast", payload: "{" });
    expect(answer.statusCode).toBe(401);
    expect(answer.headers["www-authenticate"]).toBe("Bearer");
  });

  it("is refused with a sentence while there is no token", async () => {
    const open = await createTestApp({});
    const answer = await open.app.inject(broadcast());
    expect(answer.statusCode).toBe(403);
    expect(answer.json()).toMatchObject({
      code: "forbidden",
      message: expect.stringContaining("ADMIN_TOKEN"),
    });
    await open.app.close();
  });

  it("stops an address that guesses, the right token included, and no other address", async () => {
    const attempt = (token: string, remoteAddress: string) =>
      test.app.inject({ ...broadcast({}, bearer(token)), remoteAddress });
    for (let i = 0; i < 10; i += 1)
      expect((await attempt(`wrong-${i}-wrong-wrong`, STRANGER)).statusCode).toBe(401);
    const blocked = await attempt(TOKEN, STRANGER);
    expect(blocked.statusCode).toBe(429);
    expect(Number(blocked.headers["retry-after"])).toBeGreaterThan(50);
    expect((await attempt(TOKEN, "203.0.113.10")).statusCode).toBe(200);
  });

  it("does not count requests without a token as guesses", async () => {
    for (let i = 0; i < 20; i += 1) await test.app.inject(broadcast({}, {}));
    expect((await test.app.inject(broadcast())).statusCode).toBe(200);
  });
});

describe("answers that are no success", () => {
  it.each([
    ["an unknown path", { url: "/nothing" }, 404, "not_found"],
    ["an unknown method", { url: "/api/servers", method: "DELETE" }, 404, "not_found"],
    ["a path that cannot be decoded", { url: "/api/%ZZ" }, 400, "bad_request"],
    ["a bad topic", { url: "/api/topics/Bad%20Topic/history" }, 400, "bad_request"],
    [
      "a body that is no JSON",
      { ...broadcast(), payload: "{", headers: { ...bearer(TOKEN), "content-type": "application/json" } },
      400,
      "bad_request",
    ],
    [
      "a body of another type",
      { ...broadcast(), payload: "a=b", headers: { ...bearer(TOKEN), "content-type": "text/csv" } },
      415,
      "unsupported_media_type",
    ],
    ["a body that is too large", broadcast({ id: "x".repeat(300_000) }), 413, "payload_too_large"],
  ] as const)("%s is explained as JSON", async (_name, request, status, code) => {
    const answer = await test.app.inject(request);
    expect(answer.statusCode).toBe(status);
    expect(errorBody.strict().parse(answer.json()).code).toBe(code);
  });

  it("says 503 while the broker is away, and keeps quiet about the inside", async () => {
    await test.broker.close();
    const answer = await test.app.inject(broadcast());
    expect(answer.statusCode).toBe(503);
    expect(answer.headers["retry-after"]).toBe("1");
    expect(answer.json()).toMatchObject({ code: "broker_unavailable" });
  });

  it("tells nothing of a bug but that there was one", async () => {
    const boom = new Error("secret detail");
    test.broker.registry.servers = () => Promise.reject(boom);
    const answer = await test.app.inject("/api/servers");
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain("secret detail");
    expect(answer.body).not.toContain("at ");
    expect(answer.json()).toMatchObject({ code: "internal" });
  });

  it("answers bytes that are no HTTP as JSON, too", async () => {
    await test.app.listen({ port: 0 });
    const socket = connect((test.app.server.address() as AddressInfo).port, "localhost");
    socket.end("no http at all\r\n\r\n");
    const [bytes] = (await once(socket, "data")) as [Buffer];
    const [head = "", body = ""] = bytes.toString().split("\r\n\r\n");
    expect(head).toMatch(/^HTTP\/1\.1 400 /);
    expect(errorBody.strict().parse(JSON.parse(body)).code).toBe("bad_request");
  });
});

describe("operations", () => {
  it("answers health to everybody and tells when the broker is away", async () => {
    const get = (url: string) => test.app.inject({ url, remoteAddress: STRANGER });
    expect((await get("/healthz")).json()).toEqual({ status: "ok" });
    expect((await get("/readyz")).json()).toEqual({ ready: true, checks: { broker: { ok: true } } });
    await test.broker.close();
    const answer = await get("/readyz");
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({ ready: false, checks: { broker: { ok: false } } });
  });

  it("counts requests by route and broadcasts by target", async () => {
    await test.app.inject("/api/servers");
    await test.app.inject("/nothing/at/all");
    await test.app.inject(broadcast());
    await test.app.inject(broadcast({ target: { topic: "notifications" } }));
    const { body, headers } = await test.app.inject({ url: "/metrics", remoteAddress: STRANGER });
    expect(headers["content-type"]).toMatch(/^text\/plain; version=/);
    expect(body).toMatch(
      /commcoin_admin_requests_total\{method="GET",route="\/api\/servers",status="200",.*\} 1/,
    );
    expect(body).toMatch(/commcoin_admin_requests_total\{method="GET",route="unknown",status="404",.*\} 1/);
    expect(body).toMatch(/commcoin_admin_broadcasts_total\{target="all",.*\} 1/);
    expect(body).toMatch(/commcoin_admin_broadcasts_total\{target="topic",.*\} 1/);
    expect(body).toMatch(/commcoin_admin_request_duration_seconds_count\{.*route="\/api\/servers".*\} 1/);
    expect(body).not.toContain("/nothing/at/all");
  });

  it("leads a browser to the documentation", async () => {
    const answer = await test.app.inject("/");
    expect([answer.statusCode, answer.headers.location]).toEqual([302, "/docs"]);
    expect((await test.app.inject("/docs")).statusCode).toBe(200);
  });
});
