import { once } from "node:events";
import { connect, type AddressInfo } from "node:net";
import { VERSION } from "@commcoin/service/telemetry";
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

  it.each([
    ["a name that was made to lead here", { host: "rebound.example:8081" }],
    ["a page of somebody else", { origin: "https://evil.example" }],
    ["a fetch across sites", { "sec-fetch-site": "cross-site" }],
    ["a proxy that only adds Via", { via: "1.1 proxy" }],
    ["a proxy that names its client", { "x-real-ip": STRANGER }],
  ])("on this machine need the token for %s", async (_name, headers) => {
    const status = async (more: Record<string, string>): Promise<number> =>
      (await test.app.inject({ url: READS[0] ?? "", headers: { ...headers, ...more } })).statusCode;
    expect(await status({})).toBe(401);
    expect(await status(bearer(TOKEN))).toBe(200);
  });

  it.each([
    [{ ADMIN_TOKEN: TOKEN, NODE_ENV: "production" }, 401],
    [{ ADMIN_TOKEN: TOKEN, ADMIN_READS_NEED_TOKEN: "true" }, 401],
    [{ ADMIN_READS_NEED_TOKEN: "true" }, 403],
    [{ ADMIN_TOKEN: TOKEN, NODE_ENV: "production", ADMIN_READS_NEED_TOKEN: "false" }, 200],
    [{ ADMIN_TOKEN: TOKEN, NODE_ENV: "development" }, 200],
  ])("on this machine with %j are answered without a token by %d", async (env, status) => {
    const configured = await createTestApp(env);
    for (const url of READS) expect((await configured.app.inject(url)).statusCode).toBe(status);
    const withToken = await configured.app.inject({ url: READS[0] ?? "", headers: bearer(TOKEN) });
    expect(withToken.statusCode).toBe("ADMIN_TOKEN" in env ? 200 : 403);
    await configured.app.close();
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

  it.each([
    [{}, /and none was sent\.$/],
    [{ authorization: TOKEN }, /and the header that was sent has another form\.$/],
    [{ authorization: `Basic ${TOKEN}` }, /and the header that was sent has another form\.$/],
    [bearer("wrong-token-wrong-token"), /and the one that was sent is wrong\.$/],
  ])("says what is wrong with %j", async (headers, reason) => {
    const answer = await test.app.inject(broadcast({}, headers));
    expect(answer.json().message).toMatch(reason);
    expect(answer.body).not.toContain(TOKEN);
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

  it.each([
    ["IPv4", [STRANGER], "203.0.113.10"],
    ["IPv4 written as IPv6", [`::ffff:${STRANGER}`, STRANGER], "::ffff:203.0.113.10"],
    [
      "a network of IPv6",
      ["2001:db8:1:2::1", "2001:db8:1:2:ffff::2", "2001:db8:1:2:3:4:5:6"],
      "2001:db8:1:3::1",
    ],
  ])(
    "slows down who guesses from an address of %s, but not the right token",
    async (_name, addresses, other) => {
      const attempt = (token: string, remoteAddress: string) =>
        test.app.inject({ ...broadcast({}, bearer(token)), remoteAddress });
      const address = (index: number): string => addresses[index % addresses.length] ?? "";
      for (let i = 0; i < 10; i += 1) {
        expect((await attempt(`wrong-${i}-wrong-wrong`, address(i))).statusCode).toBe(401);
      }
      const limited = await attempt("wrong-again-wrong", address(10));
      expect(limited.statusCode).toBe(429);
      expect(limited.json().code).toBe("rate_limited");
      expect(Number(limited.headers["retry-after"])).toBeGreaterThan(50);
      expect((await attempt("wrong-as-well-wrong", other)).statusCode).toBe(401);
      for (const one of addresses) expect((await attempt(TOKEN, one)).statusCode).toBe(200);
    },
  );

  it("limits guesses of reads as well, and counts no right token", async () => {
    const attempt = async (token: string): Promise<number> =>
      (await test.app.inject({ url: "/api/servers", remoteAddress: STRANGER, headers: bearer(token) }))
        .statusCode;
    for (let i = 0; i < 20; i += 1) expect(await attempt(TOKEN)).toBe(200);
    for (let i = 0; i < 10; i += 1) expect(await attempt("wrong-wrong-wrong-wrong")).toBe(401);
    expect(await attempt("wrong-wrong-wrong-wrong")).toBe(429);
    expect(await attempt(TOKEN)).toBe(200);
  });

  it("does not count requests without a token as guesses", async () => {
    for (let i = 0; i < 20; i += 1) await test.app.inject(broadcast({}, {}));
    expect((await test.app.inject(broadcast())).statusCode).toBe(200);
  });
});

describe("answers that are no success", () => {
  it.each([
    ["an unknown path", { url: "/nothing" }, 404, "not_found"],
    ["a method that is not there", { url: "/api/servers", method: "DELETE" }, 405, "method_not_allowed"],
    ["a path that cannot be decoded", { url: "/api/%ZZ" }, 400, "bad_request"],
    ["a part that is too long", { url: `/api/connections/${"a".repeat(1_000)}` }, 400, "bad_request"],
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

  it.each([
    ["/api/servers", "DELETE", "GET, HEAD"],
    ["/api/servers?x=1", "POST", "GET, HEAD"],
    ["/api/ws/connections", "OPTIONS", "GET, HEAD"],
    ["/api/ws/broadcast", "GET", "POST"],
    ["/api/ws/broadcast", "HEAD", "POST"],
    ["/api/topics/user%3Aa%2Fb/history", "PUT", "GET, HEAD"],
    ["/api/connections/abc/disconnect", "GET", "POST"],
    ["/api/connections/abc", "PATCH", "GET, HEAD"],
    ["/healthz", "POST", "GET, HEAD"],
    ["/docs/static/index.css", "PROPFIND", "GET, HEAD"],
    ["/", "POST", "GET, HEAD"],
  ])("%s has no %s and says what it has", async (url, method, allow) => {
    // Whatever comes with it: nobody reads that.
    const payload = method === "GET" || method === "HEAD" ? undefined : "x".repeat(5_000);
    const answer = await test.app.inject({
      url,
      method: method as "GET",
      headers: { "content-type": "text/csv" },
      ...(payload === undefined ? {} : { payload }),
    });
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, allow]);
    const body = method === "HEAD" ? null : errorBody.strict().parse(answer.json()).code;
    expect(body).toBe(method === "HEAD" ? null : "method_not_allowed");
  });

  it.each([
    "/api/servers/",
    "/api//servers",
    "/api/ws",
    "/api/topics/history",
    "/api/topics/a/b/history",
    "/api/../etc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/API/SERVERS",
  ])("%s is not there, whatever the method", async (url) => {
    for (const method of ["GET", "POST", "DELETE"] as const) {
      const answer = await test.app.inject({ url, method });
      expect([answer.statusCode, errorBody.strict().parse(answer.json()).code]).toEqual([404, "not_found"]);
    }
  });

  it.each([
    "/docs/static/../../package.json",
    "/docs/static/%2e%2e/%2e%2e/package.json",
    "/docs/static/..%2f..%2fx",
  ])("%s leads nowhere", async (url) => {
    const answer = await test.app.inject(url);
    expect(answer.statusCode).toBeGreaterThanOrEqual(400);
    expect(answer.statusCode).toBeLessThan(500);
    errorBody.strict().parse(answer.json());
  });

  it.each([
    ["no JSON at all", "null, but more", 400],
    ["nothing", "", 400],
    ["null", "null", 400],
    ["a number", "1e999", 400],
    ["a list", "[[]]", 400],
    ["a prototype", '{"__proto__": {"x": 1}}', 400],
    ["no end of brackets", "[".repeat(200_000), 400],
    ["no text", Buffer.from([0xff, 0xfe, 0x00]), 400],
    ["more than a message may have", " ".repeat(256 * 1_024 + 1), 413],
  ])("a body of %s is explained as JSON", async (_name, payload, status) => {
    for (const contentType of ["application/json", "application/json; charset=utf-8"]) {
      const headers = { ...bearer(TOKEN), "content-type": contentType };
      const answer = await test.app.inject({ ...broadcast(), headers, payload });
      expect(answer.statusCode).toBe(status);
      errorBody.strict().parse(answer.json());
    }
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

  it("answers headers without end as JSON, too", async () => {
    await test.app.listen({ port: 0 });
    const socket = connect((test.app.server.address() as AddressInfo).port, "localhost");
    socket.write(`GET /api/servers HTTP/1.1\r\nhost: localhost\r\ncookie: ${"x".repeat(20_000)}\r\n\r\n`);
    const [bytes] = (await once(socket, "data")) as [Buffer];
    socket.destroy();
    const [head = "", body = ""] = bytes.toString().split("\r\n\r\n");
    expect(head).toMatch(/^HTTP\/1\.1 431 /);
    expect(errorBody.strict().parse(JSON.parse(body)).code).toBe("headers_too_large");
  });
});

describe("operations", () => {
  it("answers health to everybody and tells when the broker is away", async () => {
    const get = (url: string) => test.app.inject({ url, remoteAddress: STRANGER });
    expect((await get("/healthz")).json()).toEqual({ status: "ok", version: VERSION });
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
