import { isIPv4 } from "node:net";
import { describe, expect, it } from "vitest";
import { createLoopbackAddresses } from "./loopback-addresses.ts";

describe("loopback addresses", () => {
  it("uses none for more than a thousand sockets, and none of another process", () => {
    const next = createLoopbackAddresses(4_711);
    const uses = new Map<string, number>();
    for (let index = 0; index < 300_000; index += 1) {
      const address = next();
      uses.set(address, (uses.get(address) ?? 0) + 1);
    }
    expect(new Set(uses.values())).toEqual(new Set([1_000]));
    expect([...uses.keys()].every((address) => isIPv4(address) && address.startsWith("127."))).toBe(true);
    expect(uses.has(createLoopbackAddresses(4_712)())).toBe(false);
  });
});
