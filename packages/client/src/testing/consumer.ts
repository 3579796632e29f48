// What an application may write, and what its type checker must refuse. Copied into a project of its own by a test.
import { createClient, SubscriptionError, type NoticeOf, type Position } from "@commcoin/client";

const client = createClient({ url: "wss://example.org/ws", getToken: async () => "token" });

export const subscription = client.subscribe("transactions", {
  TransactionUpdate: ({ data }) => data.status === "finalized",
  // @ts-expect-error -- there is no such field
  TokenPriceUpdate: ({ data }) => data.prize,
});
export const ready: Promise<Position> = subscription.ready;
ready.catch((error: unknown) => error instanceof SubscriptionError && error.code);

client.on("lost", ({ topic, from, to }: NoticeOf<"lost">) => `${topic} ${from.offset} ${to.offset}`);
// @ts-expect-error -- there is no such event
client.on("found", () => undefined);
client.connect();
