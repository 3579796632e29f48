import { isTopic as isProtocolTopic, parsePosition, parseSince, type Topic } from "@commcoin/protocol";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { connectUrl, isPosition, isTokenForFrame, isTopic, MAX_URL_LENGTH } from "./connect-url.ts";
import { newTopic, type TopicState } from "./state.ts";

const write = (topics: Readonly<Record<Topic, Partial<TopicState>>>, more = {}) =>
  connectUrl("ws://gateway/ws", "", {
    topics: new Map(Object.entries(topics).map(([topic, entry]) => [topic, { ...newTopic, ...entry }])),
    token: null,
    opened: true,
    ...more,
  });
const at = (offset: number, epoch = "e1") => ({ epoch, offset });
const parameters = (url: string) => Object.fromEntries(new URL(url).searchParams);

describe("the URL of a connection", () => {
  it("is the plain one when there is nothing to say", () => {
    expect(write({}).url).toBe("ws://gateway/ws");
  });

  it("names the user, the token, the topics and where each of them stood", () => {
    const { url } = connectUrl("ws://gateway/ws?region=eu", "ünser&user", {
      topics: new Map([
        ["transactions", { ...newTopic, wanted: true, position: at(7) }],
        ["token_updates", { ...newTopic, wanted: true }],
      ]),
      token: "a.b+c",
      opened: true,
    });
    expect(parameters(url)).toEqual({
      region: "eu",
      user_id: "ünser&user",
      token: "a.b+c",
      subscriptions: "transactions,token_updates",
      since: "transactions@e1:7",
    });
  });

  it("gives the positions of topics that the server joins, without naming them as subscriptions", () => {
    const { url, asked } = write({
      broadcast: { implicit: true, wanted: true, position: at(3) },
      "user:alice": { implicit: true, position: at(2) },
      "server:server-1": { implicit: true, position: at(1) },
    });
    expect(parameters(url)).toEqual({ since: "broadcast@e1:3,user:alice@e1:2,server:server-1@e1:1" });
    expect([...asked]).toEqual([]);
  });

  it("leaves a topic that starts with its newest messages to a frame", () => {
    expect(write({ market_data: { wanted: true, last: 5 } }).url).toBe("ws://gateway/ws");
  });

  it("leaves a topic that is conflated to a frame, its position too", () => {
    const { url } = write({ market_data: { wanted: true, conflate: true, position: at(5) } });
    expect(url).toBe("ws://gateway/ws");
  });

  it("names no topic and no position after an attempt that did not open", () => {
    const topics = {
      nonsense: { wanted: true },
      transactions: { wanted: true, position: at(7) },
      broadcast: { implicit: true, position: at(3) },
      "user:alice": { wanted: true, position: at(2) },
    };
    expect(parameters(write(topics).url)).toEqual({
      subscriptions: "nonsense,transactions",
      since: "broadcast@e1:3,transactions@e1:7,user:alice@e1:2",
    });
    expect(write(topics, { opened: false })).toEqual({ url: "ws://gateway/ws", asked: new Set() });
  });

  it.each(["auth0|5f7c8e", "did:privy:c1x", "ann+x@mail.test", "a&b=c#d%20", "Jürgen 🦊".replace(" ", "-")])(
    "says where the topic of the user %s stood",
    (user) => {
      const { url } = write({ [`user:${user}`]: { implicit: true, position: at(2) } });
      expect(parseSince(parameters(url)["since"] ?? "")).toEqual(new Map([[`user:${user}`, at(2)]]));
    },
  );

  it("carries a token that leaves room for topics, and no longer one", () => {
    const tokenOf = (length: number) => parameters(write({}, { token: "t".repeat(length) }).url)["token"];
    const fits = 1_000 - "ws://gateway/ws".length;
    expect(tokenOf(fits)).toHaveLength(fits);
    expect(tokenOf(fits + 1)).toBeUndefined();
    expect(isTokenForFrame("ws://gateway/ws", "", "t".repeat(fits))).toBe(false);
    expect(isTokenForFrame("ws://gateway/ws", "a", "t".repeat(fits))).toBe(true);
  });

  it("is never longer than what the gateway reads with a browser's headers", () => {
    const text = (max: number) => fc.string({ unit: "grapheme", maxLength: max });
    fc.assert(
      fc.property(text(128), text(3_000), fc.nat(128), fc.boolean(), (userId, token, count, opened) => {
        const topics = new Map(
          Array.from({ length: count }, (_, n) => [
            `token:${"M".repeat(40)}${n}`,
            { ...newTopic, wanted: n % 3 > 0, implicit: n % 3 === 0, position: at(n) },
          ]),
        );
        const { url } = connectUrl("ws://gateway/ws", userId, { topics, token, opened });
        // A user id longer than the gateway accepts is not cut.
        expect(url.length).toBeLessThanOrEqual(
          Math.max(MAX_URL_LENGTH, 100 + encodeURIComponent(userId).length),
        );
      }),
    );
  });

  it("stays short, with the topics that the server joins first; whatever it says, the gateway can read", () => {
    const wanted = Array.from({ length: 128 }, (_, n) => [
      `token:${"M".repeat(40)}${n}`,
      { wanted: true, position: at(n) },
    ]);
    const topics = { ...Object.fromEntries(wanted), broadcast: { implicit: true, position: at(5) } };
    const { url, asked } = write(topics);
    expect(url.length).toBeLessThanOrEqual(MAX_URL_LENGTH);
    expect(url.length).toBeGreaterThan(MAX_URL_LENGTH - 200);
    const since = parseSince(parameters(url)["since"] ?? "");
    expect(since?.get("broadcast")).toEqual(at(5));
    expect([...(since?.keys() ?? [])].filter((topic) => topic !== "broadcast")).toEqual([...asked]);
  });
});

it("has the same idea of topics and positions as the protocol", () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary", maxLength: 300 }).map((text) => `user:${text}`),
    fc.nat(300).map((length) => `user:${"ü".repeat(length / 2)}${"x".repeat(length % 2)}`),
    fc.stringMatching(/^[a-z0-9_:-]{0,70}$/),
    fc.stringMatching(/^[a-z]+:[\w.:-]*$/),
  );
  fc.assert(
    fc.property(text, (text) => {
      expect(isTopic(text)).toBe(isProtocolTopic(text));
    }),
  );
  const place = fc.record({ epoch: text, offset: fc.oneof(fc.integer(), fc.double()) });
  fc.assert(
    fc.property(place, (place) => {
      expect(isPosition(place)).toBe(parsePosition(`${place.epoch}:${place.offset}`) !== null);
    }),
  );
});
