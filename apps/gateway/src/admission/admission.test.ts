import { describe, expect, it } from "vitest";
import { createAdmission } from "./admission.ts";

const limits = {
  maxConnections: 1_000,
  maxConnectionsPerAddress: 0,
  maxConnectionsPerUser: 0,
  countsAddress: () => true,
  maxSubscriptions: 8,
};
const handshake = { query: "", address: "192.0.2.1", forwardedFor: [], origin: "", userAgent: "" };

interface Setting {
  readonly now: () => number;
  readonly connectsPerSecond?: number;
}

const admissionOf = ({ now, connectsPerSecond = 10 }: Setting) => {
  const refused: string[] = [];
  const admit = createAdmission({
    rules: {
      limits: { ...limits, connectsPerSecond },
      allowsOrigin: () => true,
      clientAddress: (peer) => peer,
    },
    connections: { size: 0, countOfAddress: () => 0 },
    isDraining: () => false,
    onRefused: (code) => refused.push(code),
    now,
    verifier: null,
    pending: () => 0,
  });
  return { admit, refused };
};

describe("new connections per second", () => {
  it.each(["", "user_id=a%20b"])("are let in at the limit all through a storm of many more: ?%s", (query) => {
    let now = 0;
    const { admit, refused } = admissionOf({ now: () => now });
    let admitted = 0;
    for (; now < 10_000; now += 10) admitted += Number("admission" in admit({ ...handshake, query }));
    expect(admitted).toBe(10 + 99);
    expect(new Set(refused)).toEqual(new Set(["rate_limited"]));
  });
});

describe("connections that are only told what is wrong with them", () => {
  it("are 200 at once and 50 a second; others are not concerned", () => {
    let now = 0;
    const { admit } = admissionOf({ now: () => now, connectsPerSecond: 0 });
    const told = (query: string, count: number): number =>
      Array.from({ length: count }, () => admit({ ...handshake, query })).filter((it) => "admission" in it)
        .length;
    expect(told("user_id=a&user_id=b", 300)).toBe(200);
    now += 1_000;
    expect(told("token=abc", 300)).toBe(50);
    expect(told("user_id=a", 300)).toBe(300);
    expect(admit({ ...handshake, query: "user_id=%" })).toMatchObject({
      refusal: { status: 429, headers: { "retry-after": "1" } },
    });
  });
});
