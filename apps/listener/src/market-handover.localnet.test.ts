import { BrokerUnavailableError, type Broker } from "@commcoin/broker";
import { createLocalnet, type Localnet } from "@commcoin/localnet";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createCommcoinMarket } from "./testing/commcoin-market.ts";
import { expectSound, ofType, until } from "./testing/expect-complete.ts";
import { readTopic } from "./testing/read-topic.ts";
import { keepingBroker, startListener, type RunningListener } from "./testing/start-listener.ts";

const SLOT_MS = 50;
/** Far more than are played: what is final here is what a test makes final. */
const FINALITY_SLOTS = 500;
/** A machine that does many things at a time takes long for these. */
vi.setConfig({ testTimeout: 90_000 });

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A broker that can refuse what a listener wants to keep, or to publish, as one does that is away for a moment. */
function createFlakyBroker() {
  const broker = keepingBroker();
  const refuses = { checkpoints: false, messages: false };
  const away = (): Promise<never> => Promise.reject(new BrokerUnavailableError("The broker is away."));
  const flaky: Broker = {
    ...broker,
    publish: (...args) => (refuses.messages ? away() : broker.publish(...args)),
    states: {
      read: (...args) => broker.states.read(...args),
      write: (name, changes, options) =>
        refuses.checkpoints && changes.has("checkpoint")
          ? away()
          : broker.states.write(name, changes, options),
    },
  };
  return { broker, flaky, refuses };
}

const isOnChain = (localnet: Localnet, signature: string): boolean => {
  const last = localnet.oracle.transaction(signature)?.landings.at(-1);
  return last !== undefined && !last.lost && last.err === null;
};

/** Trades that were told, by coin: those that the chain holds in the end. */
async function tradesOnChain(localnet: Localnet, broker: Broker): Promise<ReadonlyMap<string, number>> {
  const trades = new Map<string, Set<string>>();
  for (const { id, data } of ofType(await readTopic(broker, "token_updates"), "TokenPriceUpdate")) {
    const known = trades.get(data.token_id) ?? new Set();
    const [signature = "", n = ""] = id.split(":");
    if (isOnChain(localnet, signature)) known.add(`${signature}:${n}`);
    trades.set(data.token_id, known);
  }
  return new Map([...trades].map(([mint, { size }]) => [mint, size]));
}

async function newestMarkets(broker: Broker): Promise<ReadonlyMap<string, number>> {
  const markets = ofType(await readTopic(broker, "market_data"), "MarketData");
  return new Map(markets.map(({ data }) => [data.token_id, data.trades_24h]));
}

describe("the markets of the next listener", () => {
  async function setUp() {
    const localnet = await createLocalnet({ slotMs: SLOT_MS, finalitySlots: FINALITY_SLOTS });
    cleanUps.push(() => localnet.stop());
    const { broker, flaky, refuses } = createFlakyBroker();
    const { ledger, chain } = localnet;
    let blockhash: string | null = null;
    const market = createCommcoinMarket(
      { ...localnet, confirmedBlockhash: () => blockhash ?? localnet.confirmedBlockhash() },
      "markets",
    );
    const listen = async (): Promise<RunningListener> => {
      const running = await startListener(
        {
          SOLANA_RPC_URL: localnet.httpUrl,
          SOLANA_WS_URL: localnet.wsUrl,
          TRANSACTION_LISTENER_AUDIT_INTERVAL: "1",
        },
        { broker: flaky },
      );
      cleanUps.push(() => running.listener.stop());
      await until(async () => expect(await running.ready()).toMatchObject({ status: 200 }));
      return running;
    };
    /** Waits until a listener has listed and published everything, and saved that. */
    const settled = async ({ metric }: RunningListener): Promise<void> => {
      const end = ledger.openSlot();
      await until(async () => expect(await metric("slot", 'of="watermark"')).toBeGreaterThan(end));
    };
    const first = await listen();
    await market.play(25);
    // What is played from now on names a block that a fork keeps, and can land again.
    const kept = ledger.openSlot();
    await until(() => expect(ledger.slot("confirmed")).toBeGreaterThan(kept));
    blockhash = localnet.confirmedBlockhash();
    return {
      localnet,
      broker,
      refuses,
      market,
      first,
      settled,
      listen,
      /** Loses everything that was played since the blockhash was kept. */
      fork: (reland: "none" | "all") => chain.fork({ depth: ledger.slot("processed") - kept - 1, reland }),
      async expectExact(running: RunningListener): Promise<void> {
        await settled(running);
        const end = ledger.openSlot();
        while (ledger.slot("finalized") <= end) localnet.advance();
        await market.play(25);
        await settled(running);
        await until(async () =>
          expect(await newestMarkets(broker)).toEqual(await tradesOnChain(localnet, broker)),
        );
        for (const topic of ["transactions", "token_updates", "market_data"])
          expectSound(await readTopic(broker, topic));
      },
    };
  }

  it("are without the trades that a fork took while nobody published", async () => {
    const { market, first, settled, fork, listen, expectExact } = await setUp();
    await market.play(25);
    await settled(first);
    await first.listener.stop();
    expect(fork("none").lost.length).toBeGreaterThan(5);
    await expectExact(await listen());
  });

  it("count trades once that a fork moved behind the checkpoint", async () => {
    const { market, first, settled, fork, listen, expectExact } = await setUp();
    await market.play(25);
    await settled(first);
    await first.listener.stop();
    expect(fork("all").relanded.length).toBeGreaterThan(5);
    await expectExact(await listen());
  });

  it("are without the trades that the last one counted and could not tell before a fork took them", async () => {
    const { market, refuses, first, localnet, fork, listen, expectExact, broker } = await setUp();
    await until(async () => expect(await newestMarkets(broker)).toEqual(await tradesOnChain(localnet, broker)));
    const before = (await readTopic(broker, "token_updates")).length;
    refuses.messages = true;
    await market.play(25);
    const end = localnet.ledger.openSlot();
    await until(() => expect(localnet.ledger.slot("confirmed")).toBeGreaterThan(end));
    const saved = await first.metric("checkpoints_total");
    expect(saved).toBeGreaterThanOrEqual(0);
    await first.listener.stop();
    expect(fork("none").lost.length).toBeGreaterThan(5);
    expect((await readTopic(broker, "token_updates")).length).toBe(before);
    refuses.messages = false;
    await expectExact(await listen());
  });

  it("are without the trades that the last one took back and could not save", async () => {
    const { market, refuses, first, settled, localnet, fork, listen, expectExact } = await setUp();
    await market.play(25);
    await settled(first);
    refuses.checkpoints = true;
    const { lost } = fork("none");
    expect(lost.length).toBeGreaterThan(5);
    const end = localnet.ledger.openSlot();
    while (localnet.ledger.slot("finalized") <= end) localnet.advance();
    await until(async () =>
      expect(await first.metric("concluded_total", 'outcome="dropped"')).toBeGreaterThan(5),
    );
    await first.listener.stop();
    refuses.checkpoints = false;
    await expectExact(await listen());
  });
});
