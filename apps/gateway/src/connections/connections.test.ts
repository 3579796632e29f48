import { describe, expect, it, vi } from "vitest";
import { fakeConnection } from "../testing/fake-connection.ts";
import { createConnections } from "./connections.ts";

describe("connections", () => {
  it("counts connections, distinct users and asked topics, and forgets everything with the connection", () => {
    const onChange = vi.fn();
    const connections = createConnections({ serverId: "s", onChange });
    const [a, b, c] = [fakeConnection("a", "u"), fakeConnection("b", "u"), fakeConnection("c")];
    for (const connection of [a, b, c]) connections.add(connection);
    connections.changeSubscriptions(a, 1);
    connections.changeSubscriptions(a, 1);
    connections.changeSubscriptions(c, 1);
    connections.changeSubscriptions(a, -1);
    expect(connections.stats()).toEqual({
      total_connections: 3,
      active_users: 1,
      subscriptions: 2,
      server_id: "s",
    });
    expect(connections.ofUser("u")).toEqual([a, b]);
    expect(connections.countOfAddress("10.0.0.1")).toBe(3);
    const changes = onChange.mock.calls.length;
    connections.remove(a);
    connections.remove(a);
    expect(onChange).toHaveBeenCalledTimes(changes + 1);
    expect(connections.stats()).toMatchObject({ total_connections: 2, active_users: 1, subscriptions: 1 });
    connections.remove(b);
    connections.remove(c);
    expect(connections.stats()).toMatchObject({ total_connections: 0, active_users: 0, subscriptions: 0 });
    expect(connections.countOfAddress("10.0.0.1")).toBe(0);
    expect(connections.ofUser("u")).toEqual([]);
    expect(connections.get("a")).toBeUndefined();
  });
});
