import { isTopic as isProtocolTopic, parsePosition, parseSince, type Topic } from "@commcoin/protocol";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { connectUrl, isPosition, isTopic, MAX_URL_LENGTH } from "./connect-url.ts";
import { newTopic, type TopicState } from "./state.ts";

const write = (topics: Readonly<Record<Topic, Partial<TopicState>>>, more = {}) =>
  connectUrl("ws://gateway/ws", "", {
    topics: new Map(Object.entries(topics).map(([topic, entry]) => [topic, { ...newTopic, ...entry }])),
    token: null,
    failedOpens: 0,
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
      failedOpens: 0,
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

  it("names a topic that may not exist only while no attempt failed, and others for two attempts more", () => {
    const topics = {
      nonsense: { wanted: true },
      transactions: { wanted: true, accepted: true, position: at(7) },
    };
    const named = [0, 1, 2, 3].map((failedOpens) => [...write(topics, { failedOpens }).asked]);
    expect(named).toEqual([["nonsense", "transactions"], ["transactions"], ["transactions"], []]);
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
