import { describe, expect, it } from "vitest";
import { createAdmission } from "./admission.ts";

const limits = {
  maxConnections: 1_000,
  maxConnectionsPerAddress: 0,
  connectsPerSecond: 10,
  maxSubscriptions: 8,
  extraTopics: new Set<string>(),
};
const handshake = { query: "", address: "192.0.2.1", forwardedFor: [], origin: "", userAgent: "" };

describe("new connections per second", () => {
  it("are let in at the limit all through a storm of many more", () => {
    let now = 0;
    const refused: string[] = [];
    const admit = createAdmission({
      limits,
      connections: { size: 0, countOfAddress: () => 0 },
      isDraining: () => false,
      onRefused: (code) => refused.push(code),
      now: () => now,
      allowsOrigin: () => true,
      clientAddress: (peer) => peer,
      verifier: null,
      pending: () => 0,
    });
    let admitted = 0;
    for (; now < 10_000; now += 10) admitted += Number("admission" in admit(handshake));
    expect(admitted).toBe(10 + 99);
    expect(new Set(refused)).toEqual(new Set(["rate_limited"]));
  });
});
