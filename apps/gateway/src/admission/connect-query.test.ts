import { describe, expect, it } from "vitest";
import { parseConnectQuery } from "./connect-query.ts";

const limits = { extraTopics: new Set(["candles"]), maxSubscriptions: 3 };
const parse = (text: string) => parseConnectQuery(text, limits);

describe("connect query", () => {
  it.each([
    ["", { userId: null, subscriptions: [] }],
    ["user_id=&subscriptions=&since=", { userId: null, subscriptions: [] }],
    [
      "user_id=123&subscriptions=token_updates,transactions",
      { userId: "123", subscriptions: ["token_updates", "transactions"] },
    ],
    ["subscriptions=token_updates,%20token_updates,", { subscriptions: ["token_updates"] }],
    ["subscriptions=candles,candles:1m", { subscriptions: ["candles", "candles:1m"] }],
    ["user_id=7&subscriptions=user:7", { subscriptions: ["user:7"] }],
    ["token=abc", { token: "abc" }],
    ["unknown=1", { userId: null }],
    ["subscriptions=token%3Aabc", { subscriptions: ["token:abc"] }],
  ])("reads %s", (text, expected) => {
    expect(parse(text)).toMatchObject(expected);
  });

  it("reads positions, of topics that are not joined as well", () => {
    const query = parse("since=broadcast@ab-c:5,server:old@x:0");
    expect(typeof query === "object" && [...query.since]).toEqual([
      ["broadcast", { epoch: "ab-c", offset: 5 }],
      ["server:old", { epoch: "x", offset: 0 }],
    ]);
  });

  it.each([
    ["user_id=a%20b", "user_id"],
    [`user_id=${"x".repeat(129)}`, "user_id"],
    ["user_id=a&user_id=b", "user_id"],
    ["subscriptions=No", "subscriptions"],
    ["subscriptions=nothing_here", "nothing_here"],
    ["subscriptions=broadcast", "joined by the server"],
    ["user_id=7&subscriptions=user:8", "private"],
    ["subscriptions=token:a,token:b,token:c,token:d", "3 topics"],
    ["since=market_data", "since"],
    ["since=market_data@e:x", "since"],
    ["since=market_data@e:1,market_data@e:2", "since"],
  ])("refuses %s", (text, part) => {
    expect(parse(text)).toContain(part);
  });
});
