import { describe, expect, it } from "vitest";
import type { SocketEnd } from "../transport/socket.ts";
import { createFakeTransport } from "../testing/fake-transport.ts";
import { createRecentlyClosed } from "./recently-closed.ts";

const clock = { now: () => 1_000_000, monotonic: () => 5_000 };
const connection = (id: string, ended: SocketEnd | null = null, congested = false) => ({
  id,
  origin: { userId: "ann", address: "10.0.0.1", userAgent: "" },
  connectedAt: 2_000,
  socket: { ...createFakeTransport().createSocket(), ended },
  congested,
});

describe("recently closed connections", () => {
  it.each([
    [0, 3, []],
    [2, 3, [1, 2]],
    [3, 3, [1, 2, 3]],
    [4, 3, [2, 3, 4]],
    [11, 3, [9, 10, 11]],
    [5, 1, [5]],
  ])("of %i, the last %i are remembered", (count, capacity, ids) => {
    const closed = createRecentlyClosed({ serverId: "gateway-1", clock, capacity });
    for (let id = 1; id <= count; id += 1) closed.add(connection(String(id)));
    const remembered = closed.all().map(({ id }) => Number(id));
    expect(remembered.toSorted((a, b) => a - b)).toEqual(ids);
  });

  it("are told with their times and with how they ended", () => {
    const closed = createRecentlyClosed({ serverId: "gateway-1", clock });
    closed.add(connection("a", { code: 3012, reason: "no pong", byGateway: true }));
    expect(closed.all()).toEqual([
      {
        id: "a",
        server_id: "gateway-1",
        user_id: "ann",
        address: "10.0.0.1",
        since: 997_000,
        closed_at: 1_000_000,
        code: 3012,
        reason: "no pong",
        by_gateway: true,
      },
    ]);
  });

  it.each([
    ["cut for being too slow", { code: 1006, reason: "", byGateway: false }, true, true],
    ["slow, and leaving by itself", { code: 1000, reason: "", byGateway: false }, true, false],
    ["lost", { code: 1006, reason: "", byGateway: false }, false, false],
  ])("are the gateway's doing where it cut them: %s", (_name, ended, congested, byGateway) => {
    const closed = createRecentlyClosed({ serverId: "gateway-1", clock });
    closed.add(connection("a", ended, congested));
    expect(closed.all()[0]).toMatchObject({
      reason: byGateway ? "slow consumer" : "",
      by_gateway: byGateway,
    });
  });
});
