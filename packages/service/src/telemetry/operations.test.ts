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
  return { health, registry, get: (path: string) => fetch(`${base}${path}`) };
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
});
