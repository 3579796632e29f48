import { createMemoryBroker, type Broker } from "@commcoin/broker";
import { createLocalnet, type Localnet } from "@commcoin/localnet";
import { afterEach, describe, expect, it, vi } from "vitest";
import { COMMCOIN, createCommcoinMarket } from "./testing/commcoin-market.ts";
import { expectComplete, expectSound, ofType, until } from "./testing/expect-complete.ts";
import { readTopic } from "./testing/read-topic.ts";
import { startListener, type RunningListener } from "./testing/start-listener.ts";
import { startTcpProxy, type TcpProxy } from "./testing/tcp-proxy.ts";

const SLOT_MS = 50;

/** A machine that does many things at a time takes long for these. */
vi.setConfig({ testTimeout: 90_000 });

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function startNode(): Promise<Localnet> {
  const localnet = await createLocalnet({ slotMs: SLOT_MS });
  cleanUps.push(() => localnet.stop());
  return localnet;
}

async function startProxy(target: string): Promise<TcpProxy> {
  const proxy = await startTcpProxy(target);
  cleanUps.push(() => proxy.close());
  return proxy;
}

async function listenTo(
  localnet: Localnet,
  env: Record<string, string> = {},
  broker?: Broker,
): Promise<RunningListener> {
  const urls = { SOLANA_RPC_URL: localnet.httpUrl, SOLANA_WS_URL: localnet.wsUrl };
  const running = await startListener({ ...urls, ...env }, broker === undefined ? {} : { broker });
  cleanUps.push(() => running.listener.stop());
  return running;
}

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

  it("loses nothing when the connection is cut again and again", async () => {
    const localnet = await startNode();
    const proxy = await startProxy(localnet.wsUrl);
    const running = await listenTo(localnet, { SOLANA_WS_URL: `127.0.0.1:${proxy.port}` });
    await becomesReady(running);
    const market = createCommcoinMarket(localnet, "cut");
    for (let round = 0; round < 3; round += 1) {
      await market.play(20);
      await proxy.cut();
      await market.play(20);
      await becomesUnready(running);
      await proxy.restore();
      await market.play(20);
      await becomesReady(running);
    }
    const frames = ofType(await expectComplete(localnet, running.broker), "TransactionUpdate");
    expect(frames.some(({ data }) => data.origin === "backfill")).toBe(true);
    expect(await running.metric("reconnects_total", 'reason="closed"')).toBeGreaterThanOrEqual(3);
  });

  it("gives up a connection that is silent, and loses nothing", async () => {
    const localnet = await startNode();
    const proxy = await startProxy(localnet.wsUrl);
    const running = await listenTo(localnet, {
      SOLANA_WS_URL: `127.0.0.1:${proxy.port}`,
      TRANSACTION_LISTENER_SLOT_TIMEOUT: "1",
    });
    await becomesReady(running);
    const market = createCommcoinMarket(localnet, "silent");
    await market.play(20);
    proxy.stall();
    await market.play(20);
    await until(async () => expect(await running.metric("reconnects_total", "no_slots")).toBe(1));
    await expectComplete(localnet, running.broker);
  });

  it("waits for a node that is not there yet, and says that it is not ready", async () => {
    const localnet = await startNode();
    const [http, ws] = [await startProxy(localnet.httpUrl), await startProxy(localnet.wsUrl)];
    await Promise.all([http.cut(), ws.cut()]);
    const running = await listenTo(localnet, {
      SOLANA_RPC_URL: `127.0.0.1:${http.port}`,
      SOLANA_WS_URL: `127.0.0.1:${ws.port}`,
    });
    expect(await running.ready()).toMatchObject({ status: 503, body: { checks: { node: { ok: false } } } });
    await Promise.all([http.restore(), ws.restore()]);
    await becomesReady(running);
    await createCommcoinMarket(localnet, "late").play(20);
    await expectComplete(localnet, running.broker);
  });

  it("goes on with the next node when one is gone", async () => {
    const localnet = await startNode();
    const proxy = await startProxy(localnet.wsUrl);
    const dead = await startProxy(localnet.httpUrl);
    await dead.cut();
    const running = await listenTo(localnet, {
      SOLANA_RPC_URL: `127.0.0.1:${dead.port},${localnet.httpUrl}`,
      SOLANA_WS_URL: `127.0.0.1:${proxy.port},${localnet.wsUrl}`,
    });
    await becomesReady(running);
    const market = createCommcoinMarket(localnet, "failover");
    await market.play(20);
    await proxy.cut();
    await market.play(20);
    const frames = await expectComplete(localnet, running.broker);
    expect(frames.length).toBeGreaterThan(10);
    await becomesReady(running);
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
