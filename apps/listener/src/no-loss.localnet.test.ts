import { createMemoryBroker } from "@commcoin/broker";
import type { Localnet } from "@commcoin/localnet";
import { describe, expect, it, vi } from "vitest";
import { createCommcoinMarket, relevantSignatures } from "./testing/commcoin-market.ts";
import { expectComplete, expectExactMarkets, ofType, until } from "./testing/expect-complete.ts";
import { listenReady, SLOT_MS, startNode } from "./testing/listen.ts";
import { readTopic } from "./testing/read-topic.ts";
import { keepingBroker, type RunningListener } from "./testing/start-listener.ts";

/** A machine that does many things at a time takes long for these. */
vi.setConfig({ testTimeout: 90_000 });

const watermark = (running: RunningListener): Promise<number> => running.metric("slot", 'of="watermark"');

describe("notifications that a node loses", () => {
  /** Loses everything in the middle of a market. */
  async function lose(localnet: Localnet, env: Record<string, string>) {
    const [node] = localnet.endpoints;
    if (node === undefined) throw new Error("There is no node.");
    const running = await listenReady(localnet, env);
    const market = createCommcoinMarket(localnet, "lossy");
    await market.play(40);
    await expectComplete(localnet, running.broker);
    node.faults.set({ drop: { subscriptions: ["logs"] } });
    await market.play(30);
    const slot = localnet.ledger.openSlot();
    await until(() => expect(localnet.ledger.slot("confirmed")).toBeGreaterThan(slot));
    await until(() => expect(node.faults.state().fired.drop).toBeGreaterThan(5));
    node.faults.clear();
    await market.play(20);
    return running;
  }

  it("are found by the audit, published, and counted", async () => {
    const localnet = await startNode();
    const running = await lose(localnet, {});
    const frames = ofType(await expectComplete(localnet, running.broker), "TransactionUpdate");
    const found = frames.filter(({ data }) => data.origin === "audit");
    expect(found.length).toBeGreaterThan(5);
    expect(await running.metric("missed_total", 'endpoint="ws://')).toBe(found.length);
    expect(await running.metric("published_transactions_total", 'origin="audit"')).toBe(found.length);
    expect(await running.metric("published_transactions_total")).toBe(frames.length);
    await expectExactMarkets(running.broker);
    // What was lost is behind the watermark in the end.
    const last = Math.max(...frames.map(({ data }) => data.slot));
    await until(async () => expect(await watermark(running)).toBeGreaterThanOrEqual(last));
  });

  it("stay lost without an audit", async () => {
    const localnet = await startNode();
    const running = await lose(localnet, { TRANSACTION_LISTENER_AUDIT_INTERVAL: "0" });
    const slot = localnet.ledger.openSlot() + 3_000 / SLOT_MS;
    await until(() => expect(localnet.ledger.slot("confirmed")).toBeGreaterThan(slot));
    const published = ofType(await readTopic(running.broker, "transactions"), "TransactionUpdate");
    expect(new Set(published.map(({ data }) => data.transaction_id)).size).toBeLessThan(
      relevantSignatures(localnet, new Set()).length,
    );
  });

  it("are not counted where nothing is lost", async () => {
    const localnet = await startNode();
    const running = await listenReady(localnet);
    await createCommcoinMarket(localnet, "sound").play(80);
    const frames = ofType(await expectComplete(localnet, running.broker), "TransactionUpdate");
    const last = Math.max(...frames.map(({ data }) => data.slot));
    await until(async () => expect(await watermark(running)).toBeGreaterThanOrEqual(last));
    expect(await running.metric("missed_total")).toBe(0);
  });
});

describe("the watermark", () => {
  it("does not pass what the broker has not acknowledged", async () => {
    const localnet = await startNode();
    const memory = keepingBroker();
    let away = false;
    const broker = {
      ...memory,
      publish: (...args: Parameters<typeof memory.publish>) =>
        away ? Promise.reject(new Error("the broker is away")) : memory.publish(...args),
    };
    const running = await listenReady(localnet, {}, broker);
    const market = createCommcoinMarket(localnet, "away");
    await market.play(10);
    await expectComplete(localnet, broker);
    away = true;
    const before = localnet.ledger.openSlot();
    await market.play(20);
    const slot = localnet.ledger.openSlot() + 4_000 / SLOT_MS;
    await until(() => expect(localnet.ledger.slot("confirmed")).toBeGreaterThan(slot));
    const stored = await watermark(running);
    const unpublished = relevantSignatures(localnet, new Set()).length;
    expect(stored).toBeGreaterThan(0);
    expect(stored).toBeLessThan(slot - 2_000 / SLOT_MS);
    away = false;
    const frames = ofType(await expectComplete(localnet, broker), "TransactionUpdate");
    expect(frames.length).toBeGreaterThanOrEqual(unpublished);
    const late = frames.map(({ data }) => data.slot).filter((each) => each >= before);
    expect(stored).toBeLessThan(Math.min(...late) + 1);
    await until(async () => expect(await watermark(running)).toBeGreaterThan(slot));
  });
});

describe("a listener that starts again", () => {
  it("goes on where it ended: nothing is lost, nothing doubled, each trade counted once", async () => {
    const localnet = await startNode();
    const broker = keepingBroker();
    const market = createCommcoinMarket(localnet, "restart");
    for (let round = 0; round < 3; round += 1) {
      const running = await listenReady(localnet, {}, broker);
      await market.play(25);
      await running.listener.stop();
      await market.play(25);
    }
    const last = await listenReady(localnet, {}, broker);
    const frames = ofType(await expectComplete(localnet, broker), "TransactionUpdate");
    await expectExactMarkets(broker);
    expect(frames.some(({ data }) => data.origin === "backfill")).toBe(true);
    // Coins of earlier lives are followed as before.
    const created = ofType(await readTopic(broker, "token_updates"), "TokenCreated");
    await until(async () =>
      expect(await last.metric("subscriptions", 'source="token"')).toBe(created.length),
    );
  });

  it("begins anew on another network", async () => {
    const broker = createMemoryBroker();
    const first = await startNode();
    await createCommcoinMarket(first, "first").play(20);
    await until(() => expect(first.ledger.slot("confirmed")).toBeGreaterThan(60));
    const running = await listenReady(first, {}, broker);
    await until(async () => expect(await watermark(running)).toBeGreaterThan(0));
    await running.listener.stop();
    const second = await startNode();
    await listenReady(second, {}, broker);
    const before = (await broker.history("transactions")).position.offset;
    await createCommcoinMarket(second, "second").play(20);
    await until(async () =>
      expect((await broker.history("transactions")).position.offset).toBeGreaterThan(before + 5),
    );
  });
});
