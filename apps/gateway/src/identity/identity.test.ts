import { describe, expect, it } from "vitest";
import { allowsTopic, readIdentity } from "./identity.ts";

const WALLET = "7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU";

const rules = (topics: readonly string[]) => {
  const identity = readIdentity({ sub: "u", topics });
  if (typeof identity === "string") throw new Error(identity);
  return identity.topics;
};

describe("identity in a token", () => {
  it("reads who, until when, which topics and which wallets", () => {
    expect(readIdentity({ sub: "u-1" })).toEqual({
      userId: "u-1",
      expiresAt: null,
      topics: null,
      wallets: [],
    });
    expect(
      readIdentity({ sub: WALLET, exp: 1_700_000_000.9, topics: [], wallets: [WALLET, WALLET] }),
    ).toEqual({
      userId: WALLET,
      expiresAt: 1_700_000_000,
      topics: { topics: new Set(), names: new Set() },
      wallets: [WALLET],
    });
  });

  it.each([
    [{}, "sub"],
    [{ sub: 7 }, "sub"],
    [{ sub: "" }, "sub"],
    [{ sub: "a b" }, "sub"],
    [{ sub: "a/b" }, "sub"],
    [{ sub: "x".repeat(257) }, "sub"],
    [{ sub: "u", exp: "soon" }, "exp"],
    [{ sub: "u", exp: 1_700_000_000_000 }, "not milliseconds"],
    [{ sub: "u", exp: 1e300 }, "not milliseconds"],
    [{ sub: "u", exp: Number.NaN }, "exp"],
    [{ sub: "u", topics: "market_data" }, "topics"],
    [{ sub: "u", topics: [1] }, "topics"],
    [{ sub: "u", topics: ["*"] }, "topics"],
    [{ sub: "u", topics: ["token:a*"] }, "topics"],
    [{ sub: "u", topics: ["token:a:*"] }, "topics"],
    [{ sub: "u", topics: Array.from({ length: 257 }, (_, i) => `token:${i}`) }, "topics"],
    [{ sub: "u", wallets: ["not base58 0OIl"] }, "wallets"],
    [{ sub: "u", wallets: Array.from({ length: 33 }, () => WALLET) }, "wallets"],
  ])("refuses %j", (claims, part) => {
    expect(readIdentity(claims)).toEqual(expect.stringContaining(part));
  });

  it.each([
    ["auth0|5f7c8e", "sub", { sub: "auth0|5f7c8e" }],
    ["Jürgen", "preferred_username", { sub: "1/2", preferred_username: "Jürgen" }],
    ["42", "user_id", { sub: "x", user_id: 42 }],
    ["did:privy:c1x", "https://example.com/id", { "https://example.com/id": "did:privy:c1x" }],
  ])("finds %s in the claim %s", (userId, claim, claims) => {
    expect(readIdentity(claims, claim)).toMatchObject({ userId });
  });

  it.each([
    ["user_id", { sub: "a" }],
    ["toString", { sub: "a" }],
    ["__proto__", JSON.parse('{"sub":"a","__proto__":{"x":1}}') as object],
    ["user_id", { user_id: 1.5 }],
    ["user_id", { user_id: ["a"] }],
    ["email", { email: "a b@c" }],
  ])("names the claim %s that says nobody: %j", (claim, claims) => {
    expect(readIdentity({ ...claims }, claim)).toEqual(expect.stringContaining(claim));
  });

  it("allows the topics that are listed, those of a pattern, and all when there is no list", () => {
    const some = rules(["market_data", "token:*", "program:x"]);
    expect(
      ["market_data", "token:a", "token:b", "program:x"].filter((topic) => allowsTopic(some, topic)),
    ).toHaveLength(4);
    expect(
      ["transactions", "program:y", "account:a", "tokens:a", "market_data:x"].filter((topic) =>
        allowsTopic(some, topic),
      ),
    ).toEqual([]);
    expect(allowsTopic(rules([]), "market_data")).toBe(false);
    expect(allowsTopic(null, "market_data")).toBe(true);
  });
});
