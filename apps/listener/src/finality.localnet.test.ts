import { createLocalnet, type Localnet } from "@commcoin/localnet";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createCommcoinMarket } from "./testing/commcoin-market.ts";
import { expectComplete, expectSound, ofType, until } from "./testing/expect-complete.ts";
import { startForkingRpc } from "./testing/forking-rpc.ts";
import { readTopic } from "./testing/read-topic.ts";
import { keepingBroker, startListener, type RunningListener } from "./testing/start-listener.ts";

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

async function listenTo(rpcUrls: string, wsUrls: string, broker = keepingBroker()): Promise<RunningListener> {
  const running = await startListener(
    { SOLANA_RPC_URL: rpcUrls, SOLANA_WS_URL: wsUrls, TRANSACTION_LISTENER_AUDIT_INTERVAL: "1" },
    { broker },
  );
  cleanUps.push(() => running.listener.stop());
  await until(async () => expect(await running.ready()).toMatchObject({ status: 200 }));
  return running;
}

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

describe("the end of transactions", () => {
  it("is told once each, in the order of the chain, when their blocks are final", async () => {
    const localnet = await startNode();
    const running = await listenTo(localnet.httpUrl, localnet.wsUrl);
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
    const first = await listenTo(localnet.httpUrl, localnet.wsUrl, broker);
    await createCommcoinMarket(localnet, "handed on").play(30);
    await expectComplete(localnet, broker);
    await first.listener.stop();
    const second = await listenTo(localnet.httpUrl, localnet.wsUrl, broker);
    await expectAllFinal(second);
    expectSound(await readTopic(broker, "transactions"));
    expect(await second.metric("concluded_total", 'outcome="finalized"')).toBeGreaterThan(0);
  });

  it("is that a fork dropped them when no node has them: told so, and taken out of the market", async () => {
    const localnet = await startNode();
    const fork = await startForkingRpc(localnet.httpUrl);
    cleanUps.push(() => fork.close());
    const running = await listenTo(fork.url, localnet.wsUrl);
    const market = createCommcoinMarket(localnet, "fork");
    await market.play(40);
    await expectComplete(localnet, running.broker);
    const trades = ofType(await readTopic(running.broker, "token_updates"), "TokenPriceUpdate");
    const last = trades.at(-1)?.data;
    if (last === undefined) throw new Error("Nobody traded.");
    const all = await updates(running);
    const inSlot = all.filter(({ slot, status }) => slot === last.slot && status === "confirmed");
    fork.lostSlots.add(last.slot);
    for (const { transaction_id } of inSlot) fork.lostSignatures.add(transaction_id);

    await until(async () => {
      const dropped = (await updates(running)).filter(({ error }) => error === "dropped");
      expect(idsOf(dropped, "failed")).toEqual(idsOf(inSlot, "confirmed"));
    });
    expect(await running.metric("concluded_total", 'outcome="dropped"')).toBe(inSlot.length);
    const mint = last.token_id;
    const gone = trades.filter(({ data }) => data.token_id === mint && data.slot === last.slot).length;
    const before = trades.filter(({ data }) => data.token_id === mint).length - gone;
    await until(async () => {
      const markets = ofType(await readTopic(running.broker, "market_data"), "MarketData");
      const ofMint = markets.filter(({ data }) => data.token_id === mint);
      expect(ofMint.at(-1)?.id).toMatch(/:dropped$/);
      expect(ofMint.at(-1)?.data.trades_24h).toBe(before);
    });
  });

  it("is told anew, under ids of its own, of a dropped transaction that lands again, by the next listener as well", async () => {
    const localnet = await createLocalnet({ slotMs: 2 * SLOT_MS, finalitySlots: 8 });
    cleanUps.push(() => localnet.stop());
    const broker = keepingBroker();
    const first = await listenTo(localnet.httpUrl, localnet.wsUrl, broker);
    const ids = async (signature: string) =>
      ofType(await readTopic(broker, "transactions"), "TransactionUpdate")
        .filter(({ data }) => data.transaction_id === signature)
        .map(({ id, data }) => [id.slice(signature.length + 1), data.slot] as const);
    const isTold = (signature: string, count: number): Promise<void> =>
      until(async () => expect(await ids(signature)).toHaveLength(count));
    let blockhash: string | null = null;
    const confirmedBlockhash = () => blockhash ?? localnet.confirmedBlockhash();
    const market = createCommcoinMarket({ ...localnet, confirmedBlockhash }, "lands again");
    await market.play(20);
    await expectComplete(localnet, broker);
    await expectAllFinal(first);

    // What names a block that the fork keeps can land again.
    blockhash = localnet.confirmedBlockhash();
    const kept = localnet.ledger.slot("confirmed");
    await until(() => expect(localnet.ledger.slot("finalized")).toBeGreaterThan(kept));
    const top = (await broker.history("transactions")).position.offset;
    await market.play(3);
    await until(async () =>
      expect((await broker.history("transactions")).position.offset).toBeGreaterThan(top),
    );
    const { lost } = localnet.chain.fork({
      depth: localnet.ledger.slot("processed") - localnet.ledger.slot("finalized") - 1,
    });
    const told = await updates(first);
    const confirmed = lost.filter((signature) =>
      told.some(({ transaction_id, status }) => transaction_id === signature && status === "confirmed"),
    );
    await until(async () => {
      const failed = idsOf(await updates(first), "failed");
      expect(failed).toEqual(expect.arrayContaining(confirmed));
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
    const second = await listenTo(localnet.httpUrl, localnet.wsUrl, broker);
    await isTold(signature, 4);
    expect((await ids(signature)).at(-1)).toEqual([`finalized:${is?.[1]}`, is?.[1]]);
    expectSound(await readTopic(broker, "transactions"));
    await second.listener.stop();
  });

  it("is final when another node has the block that one node misses", async () => {
    const localnet = await startNode();
    const fork = await startForkingRpc(localnet.httpUrl);
    cleanUps.push(() => fork.close());
    const running = await listenTo(`${fork.url},${localnet.httpUrl}`, `${localnet.wsUrl},${localnet.wsUrl}`);
    await createCommcoinMarket(localnet, "liar").play(20);
    await expectComplete(localnet, running.broker);
    for (const { slot, transaction_id } of await updates(running)) {
      fork.lostSlots.add(slot);
      fork.lostSignatures.add(transaction_id);
    }
    await expectAllFinal(running);
    expect(await running.metric("concluded_total", 'outcome="dropped"')).toBe(0);
  });
});
