import { Counter, Histogram, Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { mergeConnections, mergeHealth, mergeMetrics } from "./merge-reports.ts";

describe("merged metrics", () => {
  const pageOf = (worker: string, names: readonly string[]): Promise<string> => {
    const registry = new Registry();
    registry.setDefaultLabels({ worker });
    for (const name of names) new Counter({ name, help: `The ${name}`, registers: [registry] }).inc(2);
    new Histogram({ name: "seconds", help: "Seconds", buckets: [1], registers: [registry] }).observe(0.5);
    return registry.metrics();
  };

  it("have every series of every worker, under one header for each metric", async () => {
    const pages = await Promise.all([
      pageOf("1", ["a_total", "b_total"]),
      pageOf("2", ["b_total", "c_total"]),
    ]);
    expect(mergeMetrics(pages)).toBe(`# HELP a_total The a_total
# TYPE a_total counter
a_total{worker="1"} 2

# HELP b_total The b_total
# TYPE b_total counter
b_total{worker="1"} 2
b_total{worker="2"} 2

# HELP seconds Seconds
# TYPE seconds histogram
seconds_bucket{le="1",worker="1"} 1
seconds_bucket{le="+Inf",worker="1"} 1
seconds_sum{worker="1"} 0.5
seconds_count{worker="1"} 1
seconds_bucket{le="1",worker="2"} 1
seconds_bucket{le="+Inf",worker="2"} 1
seconds_sum{worker="2"} 0.5
seconds_count{worker="2"} 1

# HELP c_total The c_total
# TYPE c_total counter
c_total{worker="2"} 2
`);
  });

  it("are what one worker says where there is one", async () => {
    const page = await pageOf("1", ["a_total"]);
    expect(mergeMetrics([page])).toBe(page);
  });
});

describe("merged health", () => {
  const healthy = { listening: true, report: { ready: true, checks: { broker: { ok: true } } } };
  const sick = {
    listening: true,
    report: { ready: false, checks: { broker: { ok: false, message: "gone" } } },
  };
  const drained = { listening: false, report: { ready: false, checks: { draining: { ok: false } } } };
  const merge = (...workers: ((typeof healthy | typeof sick | typeof drained) | null)[]) =>
    mergeHealth(
      workers.map((health, index) => ({ worker: index + 1, health })),
      2,
    );

  it("is ready when all workers are", () => {
    expect(merge(healthy, healthy)).toEqual({
      ready: true,
      checks: { workers: { ok: true }, "broker (worker 1)": { ok: true }, "broker (worker 2)": { ok: true } },
    });
  });

  it("is not while clients may come to one that is not", () => {
    expect(merge(healthy, sick)).toMatchObject({
      ready: false,
      checks: { workers: { ok: true }, "broker (worker 2)": { ok: false, message: "gone" } },
    });
    expect(merge(healthy, null)).toMatchObject({
      ready: false,
      checks: {
        workers: { ok: false, message: "1 of 2 workers accept connections. Worker 2 does not answer." },
      },
    });
  });

  it("does without workers that nobody comes to, as long as there is another one", () => {
    const few = { ok: true, message: "1 of 2 workers accept connections." };
    expect(merge(healthy)).toMatchObject({ ready: true, checks: { workers: few } });
    expect(merge(healthy, drained)).toMatchObject({ ready: true, checks: { workers: few } });
    for (const report of [merge(drained, drained), merge()]) {
      expect(report).toMatchObject({
        ready: false,
        checks: { workers: { ok: false, message: "0 of 2 workers accept connections." } },
      });
    }
  });
});

it("merged connections count a user of several workers once", () => {
  const worker = (server_id: string, total_connections: number, users: readonly string[]) => ({
    stats: { total_connections, active_users: users.length, subscriptions: 2 * total_connections, server_id },
    users,
  });
  expect(
    mergeConnections("gateway", [worker("gateway-1", 5, ["a", "b"]), worker("gateway-2", 3, ["b"])]),
  ).toEqual({
    total_connections: 8,
    active_users: 2,
    subscriptions: 16,
    server_id: "gateway",
  });
});
