import type { Localnet } from "@commcoin/localnet";
import { describe, expect, it, vi } from "vitest";
import { createCommcoinMarket } from "./testing/commcoin-market.ts";
import { expectComplete, expectSound, ofType, until } from "./testing/expect-complete.ts";
import { listenReady, SLOT_MS, startNode } from "./testing/listen.ts";
import { readTopic } from "./testing/read-topic.ts";
import { keepingBroker, type RunningListener } from "./testing/start-listener.ts";

/** A machine that does many things at a time takes long for these. */
vi.setConfig({ testTimeout: 90_000 });

const updates = async ({ broker }: RunningListener) =>
  ofType(await readTopic(broker, "transactions"), "TransactionUpdate").map(({ data }) => data);

const idsOf = (
  list: readonly { readonly transaction_id: string; readonly status: string }[],
  status: string,
) =>
  list
    .filter((update) => update.status === status)
    .map(({ transaction_id }) => transaction_id)
    .toSorted();

/** Waits until everything that was confirmed is final, each once. */
const expectAllFinal = (running: RunningListener): Promise<void> =>
  until(async () => {
    const all = await updates(running);
    const confirmed = idsOf(all, "confirmed");
    expect(confirmed.length).toBeGreaterThan(0);
    expect(idsOf(all, "finalized")).toEqual(confirmed);
  });

/** What was told of a transaction: the rest of the id, and the slot. */
const toldOf = async (broker: RunningListener["broker"], signature: string) =>
  ofType(await readTopic(broker, "transactions"), "TransactionUpdate")
    .filter(({ data }) => data.transaction_id === signature)
    .map(({ id, data }) => [id.slice(signature.length + 1), data.slot] as const);

/**
 * Plays a market of which a fork takes the last steps; what it loses names a block that the fork keeps, and can land
 * again. @param told of the steps so many at least are told before the fork. @returns what was told as confirmed and is lost,
 * in its order.
 */
async function loseToFork(
  localnet: Localnet,
  running: RunningListener,
  {
    steps,
    told: wanted = 1,
    beforeFork = () => {},
  }: { readonly steps: number; readonly told?: number; readonly beforeFork?: () => void },
): Promise<readonly string[]> {
  let blockhash: string | null = null;
  const confirmedBlockhash = () => blockhash ?? localnet.confirmedBlockhash();
  const market = createCommcoinMarket({ ...localnet, confirmedBlockhash }, "lands again");
  await market.play(20);
  await expectComplete(localnet, running.broker);
  await expectAllFinal(running);
  blockhash = localnet.confirmedBlockhash();
  const kept = localnet.ledger.slot("confirmed");
  await until(() => expect(localnet.ledger.slot("finalized")).toBeGreaterThan(kept));
  const top = (await running.broker.history("transactions")).position.offset;
  beforeFork();
  await market.play(steps);
  await until(async () =>
    expect((await running.broker.history("transactions")).position.offset).toBeGreaterThanOrEqual(
      top + wanted,
    ),
  );
  const { lost } = localnet.chain.fork({
    depth: localnet.ledger.slot("processed") - localnet.ledger.slot("finalized") - 1,
  });
  const told = await updates(running);
  return lost.filter((signature) =>
    told.some(({ transaction_id, status }) => transaction_id === signature && status === "confirmed"),
  );
}

describe("the end of transactions", () => {
  it("is told once each, in the order of the chain, when their blocks are final", async () => {
    const localnet = await startNode();
    const running = await listenReady(localnet);
    await createCommcoinMarket(localnet, "final").play(60);
    await expectComplete(localnet, running.broker);
    await expectAllFinal(running);
    expectSound(await readTopic(running.broker, "transactions"));
    const slots = (await updates(running))
      .filter(({ status }) => status === "finalized")
      .map(({ slot }) => slot);
    expect(slots).toEqual(slots.toSorted((a, b) => a - b));
    // One question covers all of them.
    const asked = await running.metric("rpc_requests_total", 'method="getBlocks"');
    expect(asked).toBeLessThan(slots.length / 2);
  });

  it("is told by the next listener where the last one could not", async () => {
    const localnet = await startNode();
    const broker = keepingBroker();
    const first = await listenReady(localnet, {}, broker);
    await createCommcoinMarket(localnet, "handed on").play(30);
    await expectComplete(localnet, broker);
    await first.listener.stop();
    const second = await listenReady(localnet, {}, broker);
    await expectAllFinal(second);
    expectSound(await readTopic(broker, "transactions"));
    expect(await second.metric("concluded_total", 'outcome="finalized"')).toBeGreaterThan(0);
  });

  it("is told by the next listener also where a fork took them before it began", async () => {
    const localnet = await startNode({ finalitySlots: 300 });
    const broker = keepingBroker();
    const first = await listenReady(localnet, {}, broker);
    await createCommcoinMarket(localnet, "taken").play(40);
    await expectComplete(localnet, broker);
    await first.listener.stop();
    const { ledger } = localnet;
    const trades = ofType(await readTopic(broker, "token_updates"), "TokenPriceUpdate");
    const lost = trades.at(-1)?.data;
    if (lost === undefined) throw new Error("Nobody traded.");
    localnet.chain.fork({ depth: ledger.slot("processed") - lost.slot + 1 });
    const second = await listenReady(localnet, {}, broker);
    while (ledger.slot("finalized") <= lost.slot) localnet.advance();
    const told = (await updates(second)).filter(
      ({ status, slot }) => status === "confirmed" && slot >= lost.slot,
    );
    await until(async () => {
      const dropped = (await updates(second)).filter(({ error }) => error === "dropped");
      expect(idsOf(dropped, "failed")).toEqual(idsOf(told, "confirmed"));
    });
    const kept = trades.filter(({ data }) => data.token_id === lost.token_id && data.slot < lost.slot).length;
    const markets = ofType(await readTopic(broker, "market_data"), "MarketData");
    const last = markets.findLast(({ data }) => data.token_id === lost.token_id);
    expect([last?.id.endsWith(":dropped"), last?.data.trades_24h]).toEqual([true, kept]);
    // For each coin and account the end is told where the beginning was.
    const topic = `token:${lost.token_id}`;
    const ofCoin = ofType(await readTopic(broker, topic), "TransactionUpdate").map(({ data }) => data);
    expect(idsOf(ofCoin, "failed")).toEqual(expect.arrayContaining([lost.signature]));
  });

  it("is told anew, under ids of its own, of a dropped transaction that lands again, by the next listener as well", async () => {
    const localnet = await startNode({ slotMs: 2 * SLOT_MS, finalitySlots: 8 });
    const broker = keepingBroker();
    const first = await listenReady(localnet, {}, broker);
    const ids = (signature: string) => toldOf(broker, signature);
    const isTold = (signature: string, count: number): Promise<void> =>
      until(async () => expect(await ids(signature)).toHaveLength(count));
    const confirmed = await loseToFork(localnet, first, { steps: 3 });
    await until(async () => {
      const failed = idsOf(await updates(first), "failed");
      expect(failed).toEqual(expect.arrayContaining([...confirmed]));
    });
    const again = confirmed.filter((signature) => localnet.chain.reland(signature));
    expect(again.length).toBeGreaterThan(0);
    const [signature = ""] = again;
    await isTold(signature, 3);
    const [was, gone, is] = await ids(signature);
    expect([was?.[0], gone?.[0]]).toEqual(["confirmed", "failed"]);
    expect(is?.[1]).toBeGreaterThan(was?.[1] ?? 0);
    expect(is?.[0]).toBe(`confirmed:${is?.[1]}`);

    await first.listener.stop();
    const second = await listenReady(localnet, {}, broker);
    await isTold(signature, 4);
    expect((await ids(signature)).at(-1)).toEqual([`finalized:${is?.[1]}`, is?.[1]]);
    expectSound(await readTopic(broker, "transactions"));
    await second.listener.stop();
  });

  it("is told once of a transaction that failed where it landed again, also when an audit lists it after that", async () => {
    const localnet = await startNode({ slotMs: 2 * SLOT_MS, finalitySlots: 24 });
    const [node] = localnet.endpoints;
    const running = await listenReady(localnet);
    const landed = new Map<string, number>();
    const confirmed = await loseToFork(localnet, running, {
      steps: 20,
      told: 10,
      beforeFork: () => node?.faults.set({ unhealthy: { methods: ["getSignaturesForAddress"] } }),
    });
    // Those who sell before they buy, and trade a coin before it is created, fail.
    for (const signature of confirmed.toReversed()) {
      if (localnet.chain.reland(signature)) landed.set(signature, localnet.ledger.openSlot());
    }
    const isFailed = (signature: string): boolean => localnet.oracle.transaction(signature)?.err !== null;
    const failed = [...landed.keys()].filter(isFailed);
    expect(failed.length).toBeGreaterThan(0);
    await until(async () =>
      expect(await running.metric("concluded_total", 'outcome="dropped"')).toBeGreaterThanOrEqual(
        failed.length + confirmed.length - landed.size,
      ),
    );
    const before = await running.metric("slot", 'of="watermark"');
    expect(before).toBeLessThan(Math.min(...landed.values()));
    node?.faults.clear();
    await until(async () =>
      expect(await running.metric("slot", 'of="watermark"')).toBeGreaterThan(Math.max(...landed.values())),
    );
    for (const signature of failed) {
      const told = await toldOf(running.broker, signature);
      expect(told.map(([id]) => id)).toEqual(["confirmed", "failed"]);
    }
  });

  it("is open while the only node has a hole where they are", async () => {
    const localnet = await startNode();
    const [node] = localnet.endpoints;
    const running = await listenReady(localnet);
    await createCommcoinMarket(localnet, "hole").play(20);
    await expectComplete(localnet, running.broker);
    const slots = (await updates(running)).map(({ slot }) => slot);
    node?.faults.set({ missingBlocks: { from: Math.min(...slots), to: Math.max(...slots) + 1 } });
    await until(async () =>
      expect(await running.metric("rpc_requests_total", 'method="getSignatureStatuses"')).toBeGreaterThan(1),
    );
    expect(await running.metric("concluded_total", 'outcome="dropped"')).toBe(0);
    node?.faults.clear();
    await expectAllFinal(running);
  });

  it("is final when another node has the block that one node misses", async () => {
    const localnet = await startNode();
    const [liar] = localnet.endpoints;
    await localnet.addEndpoint();
    const running = await listenReady(localnet);
    await createCommcoinMarket(localnet, "liar").play(20);
    await expectComplete(localnet, running.broker);
    const slots = (await updates(running)).map(({ slot }) => slot);
    liar?.faults.set({ missingBlocks: { from: Math.min(...slots), to: Math.max(...slots) } });
    await expectAllFinal(running);
    expect(await running.metric("concluded_total", 'outcome="dropped"')).toBe(0);
  });
});
