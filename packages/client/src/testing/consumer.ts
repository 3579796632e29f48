// What an application may write, and what its type checker must refuse. Copied into a project of its own by a test.
import { createClient, SubscriptionError, type NoticeOf, type Position } from "@commcoin/client";
import { keepPositions, webStorage } from "@commcoin/client/storage";

const client = createClient({
  url: "wss://example.org/ws",
  getToken: async () => "token",
  positions: keepPositions(webStorage("sessionStorage")),
});

client.subscribe("market_data", (message) => message.data.price.length);
// @ts-expect-error -- market data has no title
client.subscribe("market_data", (message) => message.data.title);

export async function read(): Promise<string | null> {
  const page = await client.history("token_updates", { signal: AbortSignal.timeout(1_000) });
  for (const message of page.messages) if (message.type === "TokenCreated") return message.data.name;
  for await (const { data } of client.subscribe("notifications", null, { buffer: 10 })) return data.title;
  return null;
}

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
