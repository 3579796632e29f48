import type * as server from "@commcoin/protocol";
import { describe, expectTypeOf, it } from "vitest";
import type * as client from "./protocol.ts";

/** Each is checked by the type checker; the run does nothing. */
describe("the types of the client are those of the server's schemas", () => {
  it("messages", () => {
    expectTypeOf<client.TokenCreated>().toEqualTypeOf<server.TokenCreated>();
    expectTypeOf<client.TokenPriceUpdate>().toEqualTypeOf<server.TokenPriceUpdate>();
    expectTypeOf<client.TransactionUpdate>().toEqualTypeOf<server.TransactionUpdate>();
    expectTypeOf<client.MarketData>().toEqualTypeOf<server.MarketData>();
    expectTypeOf<client.Notification>().toEqualTypeOf<server.Notification>();
    expectTypeOf<client.UserActivity>().toEqualTypeOf<server.UserActivity>();
    expectTypeOf<client.EventFrame>().toEqualTypeOf<server.EventFrame>();
    expectTypeOf<client.MessageType>().toEqualTypeOf<server.MessageType>();
  });

  it("frames", () => {
    expectTypeOf<client.Position>().toEqualTypeOf<server.Position>();
    expectTypeOf<client.SubscriptionState>().toEqualTypeOf<server.SubscriptionState>();
    expectTypeOf<client.ErrorCode>().toEqualTypeOf<server.ErrorCode>();
    expectTypeOf<client.UnrecoveredReason>().toEqualTypeOf<(typeof server.UNRECOVERED_REASONS)[number]>();
    expectTypeOf<client.DownFrame>().toEqualTypeOf<server.DownFrame>();
    expectTypeOf<client.UpFrame>().toEqualTypeOf<server.UpFrame>();
  });
});
