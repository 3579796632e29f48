import { describe, expect, it } from "vitest";
import { parseConnectQuery, someOf, type ConnectQuery } from "./connect-query.ts";

const parse = (text: string) => parseConnectQuery(text, { maxSubscriptions: 3 });
const read = (text: string): ConnectQuery => {
  const query = parse(text);
  if ("close" in query) throw new Error(query.message);
  return query;
};

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
    ["user_id=auth0%7C5f7c8e", { userId: "auth0|5f7c8e" }],
    ["user_id=did:privy:c1x&subscriptions=user:did:privy:c1x", { subscriptions: ["user:did:privy:c1x"] }],
    ["user_id=ann%2Bnews@mail.test", { userId: "ann+news@mail.test" }],
    ["user_id=J%C3%BCrgen", { userId: "Jürgen" }],
    ["user%5Fid=7", { userId: "7" }],
    ["user_id=a=b", { userId: "a=b" }],
    ["&&token", { token: null }],
    ["EIO=4&transport=websocket&v=1&%ff=%zz", { userId: null }],
  ])("reads %s", (text, expected) => {
    expect(read(text)).toMatchObject({ ...expected, errors: [] });
  });

  it.each(["undefined", "null", "NaN", "None"])("refuses the user %s: nobody had an id there", (user) => {
    expect(parse(`user_id=${user}`)).toMatchObject({
      code: "bad_query",
      close: "bad_request",
      message: expect.stringMatching(new RegExp(`^user_id must be .* and not .*${user}`)),
    });
    expect(read(`user_id=${user}1`)).toMatchObject({ userId: `${user}1` });
  });

  it("says what to write in place of a topic", () => {
    expect(read("subscriptions=Market_Data,a%20b").errors).toEqual([
      {
        code: "bad_topic",
        message: 'subscriptions: "Market_Data" is not a topic: name or name:argument. Write "market_data".',
      },
      {
        code: "bad_topic",
        message:
          'subscriptions: "a b" is not a topic: name or name:argument. Several stand there with commas between them.',
      },
    ]);
  });

  it("reads positions, of topics that are not joined as well", () => {
    const query = read("since=broadcast@ab-c:5,server:old@x:0,user:did:privy:c1x@e:7,user:a%40b@e:1");
    expect([...query.since]).toEqual([
      ["broadcast", { epoch: "ab-c", offset: 5 }],
      ["server:old", { epoch: "x", offset: 0 }],
      ["user:did:privy:c1x", { epoch: "e", offset: 7 }],
      ["user:a@b", { epoch: "e", offset: 1 }],
    ]);
  });

  it.each([
    ["user_id=a%20b", "user_id"],
    ["user_id=ann+news@mail.test", "%2B"],
    ["user_id=a%2Fb", "user_id"],
    ["user_id=%00", "user_id"],
    [`user_id=${"x".repeat(257)}`, "user_id"],
    ["user_id=a&user_id=b", "user_id"],
    ["user_id=a&user%5Fid=b", "user_id"],
    ["subscriptions=a&subscriptions=b", "subscriptions"],
    ["user_id=%", "user_id"],
    ["user_id=%ZZ", "user_id"],
    ["subscriptions=%ff", "subscriptions"],
    ["since=%c3%28", "since"],
    ["token=%e2%82", "token"],
    [`subscriptions=${"x,".repeat(3_000)}`, "4096"],
  ])("has nothing to do with %s", (text, part) => {
    expect(parse(text)).toMatchObject({
      code: "bad_query",
      message: expect.stringContaining(part),
      close: "bad_request",
      reason: expect.stringMatching(/^bad request: \w/),
    });
  });

  it.each([
    ["subscriptions=No,market_data", "bad_topic", /^subscriptions: "No" is not a topic/],
    ["subscriptions=Market_Data,market_data", "bad_topic", /Write "market_data"\.$/],
    ["subscriptions=a;b,market_data", "bad_topic", /with commas between them\.$/],
    ["subscriptions=a%20b,market_data", "bad_topic", /with commas between them\.$/],
    ["subscriptions=a+b,market_data", "bad_topic", /with commas between them\.$/],
    ["subscriptions=[%22a%22],market_data", "bad_topic", /with commas between them\.$/],
    ["subscriptions=user:a%2Fb,market_data", "bad_topic", /what comes after user: must be/],
    ["subscriptions=market_data,a;b", "bad_topic", /"a;b"/],
    ["subscriptions=market_data,user:a/b", "bad_topic", /"user:a\/b"/],
    ["subscriptions=market_data,a,b,c", "too_many_subscriptions", /"c" is one too many.* 3 topics/],
    ["subscriptions=market_data&since=market_data", "bad_query", /^since: "market_data" is not a position/],
    ["subscriptions=market_data&since=market_data@e:x", "bad_query", /^since/],
    ["subscriptions=market_data&since=a@e:1,a@e:2", "bad_query", /^since: "a@e:2" names a topic/],
    ["subscriptions=market_data&userId=7", "bad_query", /"userId".* user_id/],
    ["subscriptions=market_data&usr_id=7", "bad_query", /user_id/],
    ["subscriptions=market_data&topics=a", "bad_query", /subscriptions may be meant/],
    ["subscriptions=market_data&access_token=a", "bad_query", /token may be meant/],
    ["subscriptions=market_data&subscritpions=a", "bad_query", /subscriptions may be meant/],
  ])("goes on without what is wrong in %s", (text, code, message) => {
    const { subscriptions, errors } = read(text);
    expect(subscriptions).toContain("market_data");
    expect(errors).toEqual([{ code, message: expect.stringMatching(message) }]);
  });

  it("is answered with less than it has, however many mistakes it makes", () => {
    const text = `subscriptions=${Array.from({ length: 1_300 }, (_, n) => n.toString(36).toUpperCase()).join()}`;
    const told = someOf(read(text).errors);
    expect(told).toHaveLength(11);
    expect(told.at(-1)?.message).toMatch(/\d+ more/);
    expect(JSON.stringify(told).length).toBeLessThan(text.length);
  });
});
