import { createMemoryBroker, type Broker } from "@commcoin/broker";
import { describe, expect, it, vi } from "vitest";
import { COMMCOIN, createCommcoinMarket } from "./testing/commcoin-market.ts";
import { expectComplete, expectSound, ofType, until } from "./testing/expect-complete.ts";
import { listenTo, startNode } from "./testing/listen.ts";
import { readTopic } from "./testing/read-topic.ts";
import type { RunningListener } from "./testing/start-listener.ts";

/** A machine that does many things at a time takes long for these. */
vi.setConfig({ testTimeout: 90_000 });

const becomesReady = (running: RunningListener): Promise<void> =>
  until(async () => expect(await running.ready()).toMatchObject({ status: 200 }));

const becomesUnready = (running: RunningListener): Promise<void> =>
  until(async () => expect(await running.ready()).toMatchObject({ status: 503 }));

describe("a listener on a node", () => {
  it("publishes a CommCoin market: each transaction once and what follows from it", async () => {
    const localnet = await startNode();
    const first = await listenTo(localnet);
    const second = await listenTo(localnet);
    await Promise.all([becomesReady(first), becomesReady(second)]);
    const market = createCommcoinMarket(localnet, "complete");
    await market.play(150);
    const transactions = ofType(await expectComplete(localnet, first.broker), "TransactionUpdate");
    await expectComplete(localnet, second.broker);

    const tokens = await readTopic(first.broker, "token_updates");
    const markets = await readTopic(first.broker, "market_data");
    const succeeded = transactions.filter(({ data }) => data.status === "confirmed");
    const listed = succeeded.flatMap(({ data }) =>
      data.instructions.filter(({ program_id }) => program_id === COMMCOIN).map(({ kind }) => kind),
    );
    const count = (...kinds: string[]): number => listed.filter((kind) => kinds.includes(kind)).length;
    expect(count("create_coin")).toBeGreaterThan(1);
    expect(count("buy", "sell")).toBeGreaterThan(20);
    expect(ofType(tokens, "TokenCreated")).toHaveLength(count("create_coin"));
    expect(ofType(tokens, "TokenPriceUpdate")).toHaveLength(count("buy", "sell"));
    expect(markets).toHaveLength(count("buy", "sell"));
    // Only what was done with a new coin before it was subscribed had to be asked for.
    const late = transactions.filter(({ data }) => data.origin !== "live");
    expect(late.length).toBeLessThan(transactions.length / 2);
    expect(ofType(tokens, "TokenCreated").some(({ data }) => data.name !== null)).toBe(true);

    // Whoever reads the chain gives the same ids to the same things.
    for (const topic of ["transactions", "token_updates", "market_data"]) {
      const [one, other] = [await readTopic(first.broker, topic), await readTopic(second.broker, topic)].map(
        (frames) => frames.filter(({ id }) => !id.endsWith(":finalized")),
      );
      expect(one?.map(({ id }) => id).toSorted()).toEqual(other?.map(({ id }) => id).toSorted());
    }
    const [coin] = ofType(tokens, "TokenCreated");
    const ofCoin = await readTopic(first.broker, `token:${coin?.data.token_id}`);
    expectSound(ofCoin);
    expect(new Set(ofCoin.map(({ type }) => type))).toEqual(
      new Set(["TokenCreated", "TokenPriceUpdate", "TransactionUpdate", "MarketData"]),
    );
    expect(await first.metric("transactions_total")).toBe(transactions.length);
    expect(await first.metric("decode_errors_total")).toBe(0);
  });

  it("loses nothing when two listeners publish to one broker, and doubles nothing", async () => {
    const localnet = await startNode();
    const first = await listenTo(localnet);
    const second = await listenTo(localnet, {}, first.broker);
    await Promise.all([becomesReady(first), becomesReady(second)]);
    await createCommcoinMarket(localnet, "two").play(60);
    const frames = await expectComplete(localnet, first.broker);
    const counts = [await first.metric("transactions_total"), await second.metric("transactions_total")];
    expect(counts.toSorted((a, b) => a - b)).toEqual([0, frames.length]);
    const leaders = (await first.metric("leader")) + (await second.metric("leader"));
    expect(leaders).toBe(1);
    await expectComplete(localnet, first.broker);
  });

  it("waits for a node that is not there yet, and says that it is not ready", async () => {
    const localnet = await startNode();
    await Promise.all(localnet.endpoints.map((node) => node.down()));
    const running = await listenTo(localnet);
    expect(await running.ready()).toMatchObject({ status: 503, body: { checks: { node: { ok: false } } } });
    await Promise.all(localnet.endpoints.map((node) => node.up()));
    await becomesReady(running);
    await createCommcoinMarket(localnet, "late").play(20);
    await expectComplete(localnet, running.broker);
  });

  it("holds everything back while the broker is away, and loses nothing", async () => {
    const localnet = await startNode();
    const memory = createMemoryBroker();
    let away = false;
    const broker: Broker = {
      ...memory,
      publish: (messages, options) =>
        away ? Promise.reject(new Error("the broker is away")) : memory.publish(messages, options),
    };
    const running = await listenTo(localnet, {}, broker);
    await becomesReady(running);
    const market = createCommcoinMarket(localnet, "away");
    await market.play(20);
    away = true;
    await market.play(40);
    await becomesUnready(running);
    expect(await running.ready()).toMatchObject({ body: { checks: { publish: { ok: false } } } });
    away = false;
    await expectComplete(localnet, broker);
    await becomesReady(running);
  });

  it("publishes what is on its way before it stops", async () => {
    const localnet = await startNode();
    const running = await listenTo(localnet);
    await becomesReady(running);
    await createCommcoinMarket(localnet, "stop").play(60);
    await until(async () => expect(await running.metric("notifications_total")).toBeGreaterThan(10));
    const seen = await running.metric("notifications_total");
    const twice = await running.metric("duplicates_total");
    await running.listener.stop();
    expect((await readTopic(running.broker, "transactions")).length).toBeGreaterThanOrEqual(seen - twice);
  });

  it("does nothing when it is turned off, and is ready to do so", async () => {
    const localnet = await startNode();
    const running = await listenTo(localnet, { TRANSACTION_LISTENER_ENABLED: "false" });
    expect(await running.ready()).toMatchObject({ status: 200 });
    await createCommcoinMarket(localnet, "off").play(10);
    await until(() => expect(localnet.ledger.slot("confirmed")).toBeGreaterThan(5));
    expect(await readTopic(running.broker, "transactions")).toEqual([]);
  });

  it("stands in the registry of servers while it runs", async () => {
    const localnet = await startNode();
    const running = await listenTo(localnet, { SERVER_ID: "listener-1" });
    await until(async () => {
      const [record] = await running.broker.registry.servers();
      expect(record).toMatchObject({ server_id: "listener-1", service: "listener", health: "healthy" });
    });
    await running.listener.stop();
    expect(await running.broker.registry.servers()).toEqual([]);
  });
});
