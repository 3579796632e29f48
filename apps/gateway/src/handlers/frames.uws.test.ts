import { describe, expect, it } from "vitest";
import { startTestGateway } from "../testing/test-gateway.ts";
import { testAddress } from "../testing/test-address.ts";

const TOKEN = `token:${testAddress(1)}`;

const subscribe = (topic: string, id?: number) => ({ type: "subscribe", id, data: { topic } });

describe("frames", () => {
  it("answers each kind of request with its id", async () => {
    const { client } = await startTestGateway();
    const one = await client();
    one.send({ type: "ping", id: "p" });
    expect(await one.next()).toEqual({ type: "pong", id: "p", data: {} });
    one.send(subscribe("market_data", 1));
    expect(await one.next()).toEqual({
      type: "subscribed",
      id: 1,
      data: { topic: "market_data", epoch: expect.any(String), offset: 0, recovered: false, replayed: 0 },
    });
    one.send({ type: "unsubscribe", id: 2, data: { topic: "market_data" } });
    expect(await one.next()).toEqual({ type: "unsubscribed", id: 2, data: { topic: "market_data" } });
    one.send({ type: "history", id: 3, data: { topic: "market_data" } });
    expect(await one.next()).toEqual({
      type: "history",
      id: 3,
      data: { topic: "market_data", epoch: expect.any(String), offset: 0, recovered: true, messages: [] },
    });
    one.send({ type: "subscribe", id: 4, data: { topics: ["transactions", "nothing", TOKEN] } });
    const answers = [await one.next(), await one.next(), await one.next()];
    expect(answers.map(({ type, id, data }) => [type, id, data.code ?? data.topic])).toEqual(
      expect.arrayContaining([
        ["error", 4, "unknown_topic"],
        ["subscribed", 4, TOKEN],
        ["subscribed", 4, "transactions"],
      ]),
    );
  });

  it("answers every mistake with its code and stays open", async () => {
    const { client } = await startTestGateway({ WEBSOCKET_MAX_SUBSCRIPTIONS: "1" });
    const one = await client("user_id=me");
    const answerTo = async (frame: unknown) => {
      one.send(frame);
      const { type, id, data } = await one.next();
      return [type, id, data.code];
    };
    expect(await answerTo("not json")).toEqual(["error", undefined, "bad_json"]);
    expect(await answerTo([])).toEqual(["error", undefined, "bad_message"]);
    expect(await answerTo({ type: "subscribe", id: 1 })).toEqual(["error", 1, "bad_message"]);
    expect(await answerTo({ type: "shout", id: 2 })).toEqual(["error", 2, "unknown_type"]);
    expect(await answerTo(subscribe("Bad Topic", 3))).toEqual(["error", 3, "bad_topic"]);
    expect(await answerTo(subscribe("no_such", 4))).toEqual(["error", 4, "unknown_topic"]);
    expect(await answerTo(subscribe("user:you", 5))).toEqual(["error", 5, "forbidden"]);
    expect(await answerTo(subscribe("server:server-2", 6))).toEqual(["error", 6, "forbidden"]);
    expect(await answerTo({ type: "history", id: 7, data: { topic: "user:you" } })).toEqual([
      "error",
      7,
      "forbidden",
    ]);
    expect(await answerTo({ type: "unsubscribe", id: 8, data: { topic: "transactions" } })).toEqual([
      "error",
      8,
      "not_subscribed",
    ]);
    expect(await answerTo({ type: "unsubscribe", id: 9, data: { topic: "broadcast" } })).toEqual([
      "error",
      9,
      "forbidden",
    ]);
    expect(await answerTo({ type: "auth", id: 10, data: { token: "t" } })).toEqual([
      "error",
      10,
      "unauthorized",
    ]);
    expect(await answerTo(subscribe("transactions", 11))).toEqual(["subscribed", 11, undefined]);
    expect(await answerTo(subscribe("market_data", 12))).toEqual(["error", 12, "too_many_subscriptions"]);
    expect(await answerTo(subscribe("transactions", 13))).toEqual(["subscribed", 13, undefined]);
    one.socket.send(Buffer.from('{"type":"ping","id":14}'), { binary: true });
    expect(await one.next()).toMatchObject({ type: "error", data: { code: "bad_message" } });
    expect(await answerTo({ type: "ping", id: 15 })).toEqual(["pong", 15, undefined]);
  });

  it("lets a client ask again for what the server joined for it, without counting it", async () => {
    const { client, stats } = await startTestGateway();
    const one = await client("user_id=me");
    for (const topic of ["broadcast", "server:server-1", "user:me"]) {
      one.send(subscribe(topic));
      expect(await one.next()).toMatchObject({ type: "subscribed", data: { topic } });
    }
    expect(await stats()).toMatchObject({ subscriptions: 0 });
  });

  it("serves extra topics, with and without an argument", async () => {
    const { client, publish } = await startTestGateway({ WEBSOCKET_EXTRA_TOPICS: "candles" });
    const one = await client("subscriptions=candles,candles:1m");
    await publish("candles:1m");
    expect(await one.next()).toMatchObject({ topic: "candles:1m", offset: 1 });
  });

  it("closes a program that only makes mistakes", async () => {
    const { client } = await startTestGateway({ WEBSOCKET_FRAMES_PER_SECOND: "1000" });
    const one = await client();
    for (let i = 0; i < 80; i += 1) one.send("nonsense");
    expect(await one.closed).toEqual({ code: 3509, reason: "too many errors" });
    expect(one.frames.filter(({ type }) => type === "error").length).toBeLessThan(60);
  });

  it("warns a client that sends too much, then closes it", async () => {
    const { client } = await startTestGateway({ WEBSOCKET_FRAMES_PER_SECOND: "10" });
    const one = await client();
    for (let i = 0; i < 45; i += 1) one.send({ type: "ping", id: i });
    const limited = await one.nextOfType("error");
    expect(limited).toMatchObject({ data: { code: "rate_limited" } });
    expect(limited.id).toBeGreaterThanOrEqual(40);
    for (let i = 0; i < 60; i += 1) one.send({ type: "ping", id: i });
    expect(await one.closed).toEqual({ code: 3013, reason: "too many requests" });
  });

  it("closes a client whose message is too large with 1009, or cuts it when it is far too large", async () => {
    const { client, httpUrl } = await startTestGateway();
    const fits = await client();
    fits.send({ type: "ping", id: "x".repeat(60), data: {}, padding: "x".repeat(65_000) });
    expect(await fits.next()).toMatchObject({ type: "pong" });
    for (const [size, code] of [
      [65_537, 1009],
      [80_000, 1009],
      [90_000, 1006],
      [8_000_000, 1006],
    ] as const) {
      const one = await client();
      one.send("x".repeat(size));
      expect((await one.closed).code).toBe(code);
    }
    const metrics = await (await fetch(`${httpUrl}/metrics`)).text();
    expect(metrics).toMatch(/closes_total\{code="1009"[^}]*\} 4\n/);
  });

  it("answers requests that came before the greeting after it", async () => {
    const { open } = await startTestGateway();
    const one = await open("user_id=early");
    one.send({ type: "ping", id: 1 });
    one.send(subscribe("market_data", 2));
    one.send({ type: "ping", id: 3 });
    const types = [await one.next(), await one.next(), await one.next(), await one.next()].map(
      ({ type }) => type,
    );
    expect(types[0]).toBe("connected");
    expect(types.slice(1).toSorted()).toEqual(["pong", "pong", "subscribed"]);
  });
});
