import { expect, it } from "vitest";
import { coinPath, connectionsPath, parseRoute, topicPath } from "./routes.ts";

it.each([
  ["/", { view: "overview" }],
  ["/market", { view: "market" }],
  ["/market/", { view: "market" }],
  ["/market/8gCX", { view: "coin", mint: "8gCX" }],
  ["/topics/user%3Aa%7C1", { view: "topic", topic: "user:a|1" }],
  ["/topics/%E0%A4%A", { view: "missing" }],
  ["/nothing", { view: "missing" }],
  ["/constructor", { view: "missing" }],
  ["/topics/a/b", { view: "missing" }],
])("%s is %j", (path, route) => {
  expect(parseRoute(path)).toEqual(route);
});

it("paths lead back to what they were made of", () => {
  expect(parseRoute(topicPath("user:Jürgen@mail.test"))).toEqual({
    view: "topic",
    topic: "user:Jürgen@mail.test",
  });
  expect(parseRoute(coinPath("abc"))).toEqual({ view: "coin", mint: "abc" });
});

it.each([
  [{}, "/connections"],
  [{ user_id: "", topic: "" }, "/connections"],
  [{ user_id: "a b&c", address: "10.0." }, "/connections?user_id=a+b%26c&address=10.0."],
])("connections that fit %j are at %s", (filter, path) => {
  expect(connectionsPath(filter)).toBe(path);
});
