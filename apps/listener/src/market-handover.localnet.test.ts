import { BrokerUnavailableError, type Broker } from "@commcoin/broker";
import { commCoinCalls, createLocalnet, type Localnet } from "@commcoin/localnet";
import { describe, expect, it, type TestContext, vi } from "vitest";
import { decodeMarketState, type SavedMarket } from "./market/token-market-state.ts";
import { createCommcoinMarket } from "./testing/commcoin-market.ts";
import { expectSound, until } from "./testing/expect-complete.ts";
import { readTopic } from "./testing/read-topic.ts";
import { keepingBroker, startListener, type RunningListener } from "./testing/start-listener.ts";

const SLOT_MS = 50;
/** Far more than are played: what is final here is what a test makes final. */
const FINALITY_SLOTS = 1_000;
/** A machine that does many things at a time takes long for these. */
vi.setConfig({ testTimeout: 90_000 });

/** A broker that can refuse what a listener wants to keep, or to publish, as one does that is away for a moment. */
function createFlakyBroker() {
  const broker = keepingBroker();
  const refuses = { checkpoints: false, messages: false };
  /** Trades of each coin in the market that is kept. */
  const kept = new Map<string, number>();
  const away = (): Promise<never> => Promise.reject(new BrokerUnavailableError("The broker is away."));
  const flaky: Broker = {
    ...broker,
    publish: (...args) => (refuses.messages ? away() : broker.publish(...args)),
    states: {
      read: (...args) => broker.states.read(...args),
      async write(name, changes, options) {
        if (refuses.checkpoints && changes.has("checkpoint")) return away();
        await broker.states.write(name, changes, options);
        for (const [key, text] of changes) {
          const saved = key.startsWith("coin:") ? decodeMarketState(text ?? "") : null;
          if (saved !== null) kept.set(key.slice("coin:".length), countTrades(saved));
        }
      },
    },
  };
  return { broker, flaky, refuses, kept };
}

const positive = (counts: ReadonlyMap<string, number>): ReadonlyMap<string, number> =>
  new Map([...counts].filter(([, count]) => count > 0));

const countTrades = ({ base, tentative }: SavedMarket): number =>
  base.buckets.reduce((sum, { trades }) => sum + trades, 0) +
  tentative.filter(({ trade }) => trade !== null).length;

/** Trades of each coin that the chain holds. */
function tradesOnChain(localnet: Localnet): ReadonlyMap<string, number> {
  const trades = new Map<string, number>();
  for (const { signature, landings } of localnet.oracle.transactions()) {
    const last = landings.at(-1);
    const executed = localnet.ledger.transaction(signature)?.executed;
    if (last === undefined || last.lost || executed === undefined) continue;
    for (const call of commCoinCalls(executed)) {
      if (call.name !== "create_coin") trades.set(call.mint, (trades.get(call.mint) ?? 0) + 1);
    }
  }
  return trades;
}

// Mostly they wait.
describe.concurrent("the markets of the next listener", () => {
  async function setUp({ onTestFinished }: TestContext) {
    const localnet = await createLocalnet({ slotMs: SLOT_MS, finalitySlots: FINALITY_SLOTS });
    onTestFinished(() => localnet.stop());
    const { broker, flaky, refuses, kept } = createFlakyBroker();
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
      onTestFinished(() => running.listener.stop());
      await until(async () => expect(await running.ready()).toMatchObject({ status: 200 }));
      return running;
    };
    /** Waits until a listener has listed and published everything, and saved that. */
    const settled = async (running: RunningListener): Promise<void> => {
      const end = ledger.openSlot();
      await until(async () => expect(await running.metric("slot", 'of="watermark"')).toBeGreaterThan(end));
    };
    const first = await listen();
    await market.play(15);
    // What is played from now on names a block that a fork keeps, and can land again.
    const forked = ledger.openSlot();
    await until(() => expect(ledger.slot("confirmed")).toBeGreaterThan(forked));
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
      fork: (reland: "none" | "all") => chain.fork({ depth: ledger.slot("processed") - forked - 1, reland }),
      expectExact: async (running: RunningListener): Promise<void> => {
        await settled(running);
        const end = ledger.openSlot();
        while (ledger.slot("finalized") <= end) localnet.advance();
        await until(() => expect(positive(kept)).toEqual(tradesOnChain(localnet)));
        for (const topic of ["transactions", "token_updates", "market_data"])
          expectSound(await readTopic(broker, topic));
      },
    };
  }

  it("are without the trades that a fork took while nobody published, whether or not they were told", async (context) => {
    const { market, refuses, first, settled, localnet, fork, listen, expectExact } = await setUp(context);
    await market.play(20);
    await settled(first);
    refuses.messages = true;
    await market.play(20);
    const end = localnet.ledger.openSlot();
    await until(() => expect(localnet.ledger.slot("confirmed")).toBeGreaterThan(end));
    await first.listener.stop();
    expect(fork("none").lost.length).toBeGreaterThan(20);
    refuses.messages = false;
    await expectExact(await listen());
  });

  it("count trades once that a fork moved behind the checkpoint", async (context) => {
    const { market, first, settled, fork, listen, expectExact } = await setUp(context);
    await market.play(20);
    await settled(first);
    await first.listener.stop();
    expect(fork("all").relanded.length).toBeGreaterThan(5);
    await expectExact(await listen());
  });

  it("are without the trades that the last one took back and could not save", async (context) => {
    const { market, refuses, first, settled, localnet, fork, listen, expectExact } = await setUp(context);
    await market.play(20);
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
