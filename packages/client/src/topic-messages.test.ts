import { describe, expectTypeOf, it } from "vitest";
import type { Client } from "./client.ts";
import type { EventFrame } from "./protocol.ts";
import type { MessageIn } from "./topic-messages.ts";

/** Checked by the type checker; nothing runs. */
describe("a message is typed by its topic", () => {
  it("where the topic is known", () => {
    expectTypeOf<MessageIn<"market_data">["type"]>().toEqualTypeOf<"MarketData">();
    expectTypeOf<MessageIn<"transactions">["type"]>().toEqualTypeOf<"TransactionUpdate">();
    expectTypeOf<MessageIn<"token_updates">["type"]>().toEqualTypeOf<"TokenCreated" | "TokenPriceUpdate">();
    expectTypeOf<MessageIn<"notifications">["type"]>().toEqualTypeOf<"Notification">();
    expectTypeOf<MessageIn<"user_activity">["type"]>().toEqualTypeOf<"UserActivity">();
    expectTypeOf<MessageIn<"program:6YuH">["type"]>().toEqualTypeOf<"TransactionUpdate">();
    expectTypeOf<MessageIn<`token:${string}`>["type"]>().toEqualTypeOf<
      "TokenCreated" | "TokenPriceUpdate" | "TransactionUpdate" | "MarketData"
    >();
    expectTypeOf<MessageIn<`user:${string}`>["type"]>().toEqualTypeOf<
      "TransactionUpdate" | "Notification" | "UserActivity"
    >();
  });

  it("as any message where it is not", () => {
    expectTypeOf<MessageIn<"weather">>().toEqualTypeOf<EventFrame>();
    expectTypeOf<MessageIn<"weather:oslo">>().toEqualTypeOf<EventFrame>();
    expectTypeOf<MessageIn<string>>().toEqualTypeOf<EventFrame>();
  });

  it("in handlers, loops and pages", () => {
    const use = async (client: Client, topic: string): Promise<void> => {
      client.subscribe("market_data", (message) => expectTypeOf(message.data.price).toEqualTypeOf<string>());
      client.subscribe(topic, (message) => expectTypeOf(message).toEqualTypeOf<EventFrame>());
      for await (const { data } of client.subscribe("notifications"))
        expectTypeOf(data.title).toEqualTypeOf<string>();
      const { messages } = await client.history(`token:${topic}`);
      expectTypeOf(messages).toEqualTypeOf<readonly MessageIn<`token:${string}`>[]>();
      // @ts-expect-error -- market data has no title
      client.subscribe("market_data", ({ data }) => data.title);
    };
    expectTypeOf(use).toBeFunction();
  });
});
