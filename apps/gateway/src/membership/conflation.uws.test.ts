import { eventually } from "@commcoin/tsconfig/eventually";
import { describe, expect, it } from "vitest";
import type { TestClient } from "../testing/test-client.ts";
import { startTestGateway, type TestGateway } from "../testing/test-gateway.ts";

const TOPIC = "market_data";
/** All characters are of base58. */
const mint = (n: number): string =>
  `Token${String(n + 1)
    .replaceAll("0", "z")
    .padStart(39, "a")}`;

/** Publishes market data in small turns, each message for the token that `tokenAt` names. */
async function play(
  { broker }: TestGateway,
  { from, to, tokenAt }: { from: number; to: number; tokenAt: (n: number) => number },
): Promise<void> {
  for (let n = from; n < to; n += 20) {
    const messages = Array.from({ length: Math.min(20, to - n) }, (_, i) => {
      const data = {
        token_id: mint(tokenAt(n + i)),
        price: String(n + i),
        change_24h: null,
        volume_24h: "1".repeat(60),
        high_24h: "1".repeat(70),
        low_24h: "1".repeat(70),
        trades_24h: 1,
        market_cap: "1".repeat(70),
      };
      return { topic: TOPIC, type: "MarketData", id: `m${n + i}`, data };
    });
    await broker.publish(messages);
    await new Promise(setImmediate);
  }
}

const market = (client: TestClient) =>
  client.frames
    .filter(({ type }) => type === "MarketData")
    .map(({ offset, data }) => ({ offset: offset ?? 0, data }));
const newestPerToken = (client: TestClient): ReadonlyMap<unknown, unknown> =>
  new Map(market(client).map(({ data }) => [data.token_id, data.price]));
const subscribe = async (client: TestClient, conflate: boolean): Promise<void> => {
  client.send({ type: "subscribe", data: { topic: TOPIC, conflate } });
  await client.nextOfType("subscribed");
};
const reads = async (client: TestClient, last: number): Promise<void> => {
  await eventually(() => expect(market(client).at(-1)?.offset).toBe(last));
};
const LIMIT = { WEBSOCKET_MAX_BACKPRESSURE_BYTES: "262144" };

describe("conflation", () => {
  it("gives a slow client the newest of each token, in order, and then everything again", async () => {
    const gateway = await startTestGateway(LIMIT);
    const [fast, slow] = [await gateway.client(), await gateway.client()];
    await subscribe(fast, true);
    await subscribe(slow, true);
    slow.socket.pause();
    const TOTAL = 60_000;
    await play(gateway, { from: 0, to: TOTAL, tokenAt: (n) => n % 50 });
    await reads(fast, TOTAL);
    slow.socket.resume();
    await reads(slow, TOTAL);
    await play(gateway, { from: TOTAL, to: TOTAL + 100, tokenAt: (n) => n % 50 });
    await Promise.all([reads(fast, TOTAL + 100), reads(slow, TOTAL + 100)]);
    const offsets = market(slow).map(({ offset }) => offset);
    expect(offsets.length).toBeLessThan(TOTAL);
    expect(offsets.every((offset, index) => index === 0 || offset > (offsets[index - 1] ?? 0))).toBe(true);
    expect(offsets.slice(-100)).toEqual(Array.from({ length: 100 }, (_, i) => TOTAL + 1 + i));
    expect(newestPerToken(slow)).toEqual(newestPerToken(fast));
    expect(market(fast)).toHaveLength(TOTAL + 100);
    expect(slow.frames.filter(({ type }) => type === "reset")).toEqual([]);
    const text = await (await fetch(`${gateway.httpUrl}/metrics`)).text();
    expect(text).toMatch(/commcoin_gateway_conflations_total\{[^}]*\} [1-9]/);
  });

  it("leaves nothing out that was not replaced by something newer", async () => {
    const gateway = await startTestGateway(LIMIT);
    const slow = await gateway.client();
    await subscribe(slow, true);
    slow.socket.pause();
    const TOTAL = 18_000;
    await play(gateway, { from: 0, to: TOTAL, tokenAt: (n) => n });
    slow.socket.resume();
    await reads(slow, TOTAL);
    const offsets = market(slow).map(({ offset }) => offset);
    const jumps = offsets.filter((offset, index) => offset !== (offsets[index - 1] ?? 0) + 1);
    expect(jumps).toEqual([]);
  });

  it("needs little memory for clients that are frozen, and does not close them", async () => {
    const gateway = await startTestGateway(LIMIT);
    const frozen = await Promise.all(Array.from({ length: 30 }, () => gateway.client()));
    for (const client of frozen) {
      await subscribe(client, true);
      client.socket.pause();
    }
    const ordinary = await gateway.client();
    await subscribe(ordinary, false);
    ordinary.socket.pause();
    const TOTAL = 60_000;
    await play(gateway, { from: 0, to: TOTAL, tokenAt: (n) => n % 50 });
    // More than the limit went by: who did not ask for conflation was closed, all others are there.
    await eventually(() => expect(gateway.gateway.stats().total_connections).toBe(30));
    const [first] = frozen;
    first?.socket.resume();
    if (first !== undefined) await reads(first, TOTAL);
  });

  it("is for market data only, and can be turned off", async () => {
    const gateway = await startTestGateway(LIMIT);
    const client = await gateway.client();
    client.send({ type: "subscribe", id: 1, data: { topic: "transactions", conflate: true } });
    expect(await client.next()).toMatchObject({ type: "error", id: 1, data: { code: "bad_message" } });
    await subscribe(client, true);
    await subscribe(client, false);
    client.socket.pause();
    await play(gateway, { from: 0, to: 60_000, tokenAt: (n) => n % 50 });
    await eventually(() => expect(gateway.gateway.stats().total_connections).toBe(0));
  });
});
