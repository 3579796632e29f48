import { describe, expect, it } from "vitest";
import { isTopic, splitTopic, topic, topicAccess, tokenTopic, userTopic } from "./topic.ts";

const MINT = "So11111111111111111111111111111111111111112";

describe("topic grammar", () => {
  it.each([
    "token_updates",
    "a",
    `token:${MINT}`,
    "user:123",
    "user:a.b_c-D",
    "user:auth0|5f7c8e",
    "user:did:privy:c1x",
    "user:ann+news@mail.test",
    `user:${"x".repeat(256)}`,
    "x".repeat(64),
    `t:${"x".repeat(128)}`,
  ])("accepts %s", (text) => expect(isTopic(text)).toBe(true));

  it.each([
    "",
    "Token",
    "token:",
    ":x",
    "a:b:c",
    "a b",
    "token:ü",
    "token:did:privy:c1x",
    "user:",
    "user:a/b",
    "user:..",
    `user:${"x".repeat(257)}`,
    "users:a|b",
    "a\n",
    "x".repeat(65),
    `t:${"x".repeat(129)}`,
    "t:{x}",
  ])("refuses %j", (text) => expect(isTopic(text)).toBe(false));

  it("splits at the colon", () => {
    expect(splitTopic("token_updates")).toEqual({ name: "token_updates", argument: null });
    expect(splitTopic(tokenTopic(MINT))).toEqual({ name: "token", argument: MINT });
  });
});

it("says in its schema what it takes", () => {
  for (const text of ["user:auth0|5f7c8e", "token_updates", `user:${"ü".repeat(128)}`])
    expect(topic.safeParse(text).success).toBe(true);
  for (const text of ["user:a b", "user:a,b", "Token", `user:${"ü".repeat(129)}`])
    expect(topic.safeParse(text).success).toBe(false);
});

describe("topic access", () => {
  it.each([
    ["token_updates", "public"],
    ["transactions", "public"],
    ["market_data", "public"],
    ["notifications", "public"],
    ["user_activity", "public"],
    [`token:${MINT}`, "public"],
    [`account:${MINT}`, "public"],
    [`program:${MINT}`, "public"],
    [userTopic("123"), "private"],
    ["broadcast", "implicit"],
    ["server:server-1", "implicit"],
    ["token", "unknown"],
    ["user", "unknown"],
    ["transactions:x", "unknown"],
    ["weather", "unknown"],
  ])("%s is %s", (topic, access) => expect(topicAccess(topic)).toBe(access));

  it("opens the names that the operator added, and never makes a private topic public", () => {
    const extra = new Set(["weather", "user", "server", "broadcast"]);
    expect(topicAccess("weather", extra)).toBe("public");
    expect(topicAccess("weather:oslo", extra)).toBe("public");
    expect(topicAccess("user:123", extra)).toBe("private");
    expect(topicAccess("server:a", extra)).toBe("implicit");
    expect(topicAccess("broadcast", extra)).toBe("implicit");
  });
});
