import type { RegisteredServer } from "@commcoin/broker";
import { describe, expect, it } from "vitest";
import { clusterStats, sumGateways } from "./cluster-stats.ts";

const server = (
  service: RegisteredServer["service"],
  id: string,
  counts: Record<string, number>,
): RegisteredServer => ({
  server_id: id,
  service,
  instance: `${id}/1`,
  started_at: 1_000,
  state: "ready",
  counts,
  age_ms: 10,
  health: "healthy",
  clock_skew_ms: 0,
  superseded: 0,
});

describe("sumGateways", () => {
  it("adds up the gateways and leaves the other services out", () => {
    const stats = sumGateways(
      [
        server("gateway", "a", { connections: 150, users: 120, subscriptions: 450 }),
        server("gateway", "b", { connections: 1, users: 1, subscriptions: 0, other: 9 }),
        server("listener", "c", { connections: 1_000 }),
      ],
      120,
      "admin-1",
    );
    expect(stats).toMatchObject({
      total_connections: 151,
      active_users: 120,
      subscriptions: 450,
      server_id: "admin-1",
    });
    expect(stats.servers.map(({ server_id }) => server_id)).toEqual(["a", "b"]);
    expect(clusterStats.parse(stats)).toEqual(stats);
  });

  it("is all zeros in a cluster without gateways", () => {
    expect(sumGateways([], 0, "x")).toEqual({
      total_connections: 0,
      active_users: 0,
      subscriptions: 0,
      server_id: "x",
      servers: [],
    });
  });
});
