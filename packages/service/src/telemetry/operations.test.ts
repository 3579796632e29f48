import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Gauge } from "prom-client";
import { afterEach, describe, expect, it } from "vitest";
import { createHealth } from "./health.ts";
import { createMetricsRegistry } from "./metrics.ts";
import { createOperations } from "./operations.ts";
import { exposeReadiness } from "./readiness.ts";
import { startOperationsServer, type OperationsServer } from "./operations-server.ts";

let server: OperationsServer | undefined;
afterEach(async () => server?.close());

async function serve() {
  const health = createHealth();
  const registry = createMetricsRegistry("test");
  server = await startOperationsServer(createOperations({ health, registry }), 0);
  const base = `http://127.0.0.1:${server.port}`;
  return { health, registry, get: (path: string, init?: RequestInit) => fetch(`${base}${path}`, init) };
}

describe("operations over HTTP", () => {
  it("is alive whatever the checks say, and ready only while all of them pass", async () => {
    const { health, get } = await serve();
    expect((await get("/readyz")).status).toBe(200);
    let problem: string | null = "no slot for 20 s";
    health.check("chain", () => problem);
    health.check("broker", () => null);
    const unready = await get("/readyz");
    expect(unready.status).toBe(503);
    expect(await unready.json()).toEqual({
      ready: false,
      checks: { chain: { ok: false, message: "no slot for 20 s" }, broker: { ok: true } },
    });
    expect((await get("/healthz")).status).toBe(200);
    problem = null;
    expect((await get("/readyz")).status).toBe(200);
  });

  it("tells notes with the checks, and is ready all the same", async () => {
    const { health, get } = await serve();
    health.check("broker", () => null);
    health.note("chain", () => "one node is set aside");
    health.note("nodes", () => null);
    const answer = await get("/readyz");
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      ready: true,
      checks: {
        broker: { ok: true },
        chain: { ok: true, message: "one node is set aside" },
        nodes: { ok: true },
      },
    });
  });

  it("shows in the metrics whether it is ready", async () => {
    const { health, registry, get } = await serve();
    exposeReadiness(registry, { service: "test", health });
    let problem: string | null = null;
    health.check("broker", () => problem);
    const ready = async () =>
      /^commcoin_test_ready\{.*\} (\d)$/m.exec(await (await get("/metrics")).text())?.[1];
    expect(await ready()).toBe("1");
    problem = "away";
    expect(await ready()).toBe("0");
  });

  it("counts a check that throws as failed", async () => {
    const { health, get } = await serve();
    health.check("broken", () => {
      throw new Error("boom");
    });
    expect(await (await get("/readyz")).json()).toMatchObject({
      checks: { broken: { ok: false, message: "boom" } },
    });
  });

  it("serves the metrics of the process and of the service", async () => {
    const { registry, get } = await serve();
    new Gauge({ name: "commcoin_test_value", help: "A value", registers: [registry] }).set(3);
    const text = await (await get("/metrics")).text();
    expect(text).toContain('commcoin_test_value{service="test"} 3');
    expect(text).toContain("process_resident_memory_bytes");
  });

  it("answers anything else with what there is", async () => {
    const { get } = await serve();
    const missing = await get("/nothing?x=1");
    expect(missing.status).toBe(404);
    expect(await missing.json()).toMatchObject({ code: "not_found" });
  });

  it.each(["POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"])(
    "has no %s, and says what it has",
    async (method) => {
      const { get } = await serve();
      const body = method === "POST" ? "x".repeat(1_000_000) : null;
      const answer = await get("/healthz", { method, body });
      expect([answer.status, answer.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
      expect(await answer.json()).toMatchObject({ code: "method_not_allowed" });
      const elsewhere = await get("/nothing", { method, body });
      expect([elsewhere.status, elsewhere.headers.get("allow")]).toEqual([404, null]);
    },
  );
});

/** Sends bytes, and reads whatever comes until the server closes. */
async function exchange(text: string): Promise<string> {
  const socket: Socket = connect(server?.port ?? 0, "127.0.0.1");
  let answer = "";
  socket.setEncoding("utf8").on("data", (part: string) => (answer += part));
  socket.on("error", () => {});
  socket.write(text);
  await once(socket, "close");
  return answer;
}

describe("requests as nobody should send them", () => {
  it.each([
    ["HTTP/1.0", "GET /healthz HTTP/1.0\r\n\r\n", 200],
    [
      "a whole URL",
      "GET http://svc:8082/healthz?x=1 HTTP/1.1\r\nHost: svc\r\nConnection: close\r\n\r\n",
      200,
    ],
    [
      "a whole URL in capitals",
      "HEAD HTTP://svc/readyz HTTP/1.1\r\nHost: svc\r\nConnection: close\r\n\r\n",
      200,
    ],
    ["no path", "GET http://svc HTTP/1.1\r\nHost: svc\r\n\r\n", 404],
    ["a path that ends it", "GET //healthz HTTP/1.1\r\nHost: svc\r\n\r\n", 404],
    ["no host", "GET /healthz HTTP/1.1\r\n\r\n", 400],
    ["no HTTP", "hello there\r\n\r\n", 400],
    ["HTTP/9.9", "GET /healthz HTTP/9.9\r\n\r\n", 400],
    ["TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400],
    ["headers without end", `GET /healthz HTTP/1.1\r\nHost: svc\r\nCookie: ${"x".repeat(20_000)}`, 431],
    ["a body without end", `POST /healthz HTTP/1.1\r\nHost: svc\r\nContent-Length: 1e9\r\n\r\n`, 400],
    ["a body that stays away", `PUT /healthz HTTP/1.1\r\nHost: svc\r\nContent-Length: 999\r\n\r\n`, 405],
  ])("answers %s, and goes on", async (_name, text, status) => {
    const { get } = await serve();
    expect(await exchange(text)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect((await get("/healthz")).status).toBe(200);
  });

  it("ends whoever is silent or slow within its time", async () => {
    const { get } = await serve();
    const started = performance.now();
    const [silent, slow] = await Promise.all([exchange(""), exchange("GET /healthz HTTP/1.1\r\nHost: s")]);
    expect(silent + slow).toMatch(/^HTTP\/1.1 408 .*"code":"timeout"/s);
    expect(performance.now() - started).toBeLessThan(20_000);
    expect((await get("/healthz")).status).toBe(200);
  });
});
