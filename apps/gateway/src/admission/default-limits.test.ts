import { describe, expect, it } from "vitest";
import {
  DEFAULT_CONNECTIONS_PER_ADDRESS,
  DEFAULT_CONNECTIONS_PER_USER,
  placeLimits,
} from "./default-limits.ts";

const INTERNAL = [
  "127.0.0.1",
  "::1",
  "10.1.2.3",
  "172.31.0.1",
  "192.168.1.1",
  "100.64.0.9",
  "fd00::1",
  "fe80::1",
];
const PUBLIC = ["203.0.113.9", "172.32.0.1", "100.128.0.1", "2001:db8::1", "::2", "unknown"];

describe("placeLimits", () => {
  it("counts strangers by default, and nobody who may be a proxy of ours", () => {
    const limits = placeLimits({});
    expect(limits.maxConnectionsPerAddress).toBe(DEFAULT_CONNECTIONS_PER_ADDRESS);
    expect(INTERNAL.filter(limits.countsAddress)).toEqual([]);
    expect(PUBLIC.filter(limits.countsAddress)).toEqual(PUBLIC);
  });

  it("counts everybody where a limit was chosen", () => {
    const limits = placeLimits({ WEBSOCKET_MAX_CONNECTIONS_PER_IP: 2 });
    expect(limits.maxConnectionsPerAddress).toBe(2);
    expect([...INTERNAL, ...PUBLIC].every(limits.countsAddress)).toBe(true);
    expect(placeLimits({ WEBSOCKET_MAX_CONNECTIONS_PER_IP: 0 }).maxConnectionsPerAddress).toBe(0);
  });

  it("limits users by default only where they prove who they are", () => {
    expect(placeLimits({}).maxConnectionsPerUser).toBe(0);
    expect(placeLimits({ AUTH_MODE: "none" }).maxConnectionsPerUser).toBe(0);
    expect(placeLimits({ AUTH_MODE: "jwt" }).maxConnectionsPerUser).toBe(DEFAULT_CONNECTIONS_PER_USER);
    expect(
      placeLimits({ AUTH_MODE: "jwt", WEBSOCKET_MAX_CONNECTIONS_PER_USER: 0 }).maxConnectionsPerUser,
    ).toBe(0);
    expect(placeLimits({ WEBSOCKET_MAX_CONNECTIONS_PER_USER: 3 }).maxConnectionsPerUser).toBe(3);
  });
});
