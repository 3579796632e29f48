import { describe, expect, it } from "vitest";
import { serverFrame } from "./down.ts";
import { MESSAGE_TYPES, message } from "./messages/message.ts";
import { UP_TYPES, upFrame } from "./up.ts";

const accepts = (frame: unknown): boolean => upFrame.safeParse(frame).success;

describe("frames of a client", () => {
  it.each([
    { type: "subscribe", data: { topic: "market_data" } },
    { type: "subscribe", id: 7, data: { topic: "market_data", since: { epoch: "e", offset: 0 } } },
    { type: "subscribe", id: "x", data: { topic: "market_data", last: 100 } },
    { type: "subscribe", data: { topic: "market_data", conflate: true } },
    { type: "subscribe", data: { topics: ["market_data", "transactions"] } },
    { type: "unsubscribe", data: { topic: "market_data" } },
    { type: "ping" },
    { type: "ping", id: "x".repeat(64), data: {} },
    { type: "auth", data: { token: "t" } },
    { type: "history", data: { topic: "transactions", limit: 300 } },
  ])("accepts %j", (frame) => expect(accepts(frame)).toBe(true));

  it.each([
    null,
    [],
    "subscribe",
    {},
    { type: "subscribe" },
    { type: "subscribe", data: {} },
    { type: "subscribe", data: { topic: "Bad Topic" } },
    { type: "subscribe", data: { topics: [] } },
    { type: "subscribe", data: { topics: Array.from({ length: 129 }, () => "a") } },
    { type: "subscribe", data: { topic: "a", last: 101 } },
    { type: "subscribe", data: { topic: "a", since: { epoch: "e", offset: -1 } } },
    { type: "subscribe", id: "x".repeat(65), data: { topic: "a" } },
    { type: "subscribe", id: {}, data: { topic: "a" } },
    { type: "auth", data: { token: "" } },
    { type: "history", data: { topic: "a", limit: 301 } },
    { type: "publish", data: { topic: "a" } },
  ])("refuses %j", (frame) => expect(accepts(frame)).toBe(false));

  it("are listed by type", () => {
    expect(UP_TYPES).toEqual(upFrame.options.map((option) => option.shape.type.value));
  });
});

describe("frames of a server", () => {
  it("know the connected frame of design version 1", () => {
    const frame = {
      type: "connected",
      data: {
        connection_id: "c",
        server_id: "server-1",
        user_id: null,
        heartbeat_interval: 30,
        subscriptions: [{ topic: "broadcast", epoch: "e", offset: 3 }],
        protocol: 1,
      },
    };
    expect(serverFrame.parse(frame)).toEqual(frame);
  });
});

describe("messages", () => {
  it("are listed by type", () => {
    expect(MESSAGE_TYPES).toEqual(message.options.map((option) => option.shape.type.value));
    expect(MESSAGE_TYPES).toEqual([
      "TokenCreated",
      "TokenPriceUpdate",
      "TransactionUpdate",
      "MarketData",
      "Notification",
      "UserActivity",
    ]);
  });

  it("refuse floats where decimal strings belong", () => {
    const data = { token_id: "So11111111111111111111111111111111111111112", change_24h: null, trades_24h: 1 };
    const rest = { volume_24h: "1", high_24h: "1", low_24h: "1", market_cap: "1" };
    expect(message.safeParse({ type: "MarketData", data: { ...data, ...rest, price: "0.1" } }).success).toBe(
      true,
    );
    for (const price of [0.1, "1e-7", "NaN", ".5", "1,5"]) {
      expect(message.safeParse({ type: "MarketData", data: { ...data, ...rest, price } }).success).toBe(
        false,
      );
    }
  });
});
