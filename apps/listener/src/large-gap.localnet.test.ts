import { createLocalnet, type Localnet } from "@commcoin/localnet";
import { afterEach, expect, it, vi } from "vitest";
import { createCommcoinMarket } from "./testing/commcoin-market.ts";
import { expectComplete, expectExactMarkets, until } from "./testing/expect-complete.ts";
import { keepingBroker, startListener, type RunningListener } from "./testing/start-listener.ts";

/** A machine that does many things at a time takes long for these. */
vi.setConfig({ testTimeout: 90_000 });

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function listenTo(localnet: Localnet, broker = keepingBroker()): Promise<RunningListener> {
  const env = {
    SOLANA_RPC_URL: localnet.httpUrl,
    SOLANA_WS_URL: localnet.wsUrl,
    TRANSACTION_LISTENER_AUDIT_INTERVAL: "1",
  };
  const running = await startListener(env, { broker, largeGap: 5 });
  cleanUps.push(() => running.listener.stop());
  await until(async () => expect(await running.ready()).toMatchObject({ status: 200 }));
  return running;
}

it("fills a gap that is too large to be listed from whole blocks, for all addresses in one pass, with nothing lost", async () => {
  const localnet = await createLocalnet({ slotMs: 50 });
  cleanUps.push(() => localnet.stop());
  const broker = keepingBroker();
  const market = createCommcoinMarket(localnet, "gap");
  const first = await listenTo(localnet, broker);
  await market.play(20);
  await expectComplete(localnet, broker);
  await first.listener.stop();
  // Nobody listens: more transactions than slots.
  const from = localnet.ledger.openSlot();
  await market.play(120);
  localnet.chain.skip(6);
  const end = localnet.ledger.openSlot() + 3;
  await until(() => expect(localnet.ledger.slot("confirmed")).toBeGreaterThan(end));
  const second = await listenTo(localnet, broker);
  await expectComplete(localnet, broker);
  await expectExactMarkets(broker);
  expect(await second.metric("large_gaps_total")).toBeGreaterThan(0);
  const blocks = await second.metric("blocks_total", 'class="catch_up"');
  expect(blocks).toBeGreaterThan(3);
  expect(blocks).toBeLessThan(4 * (end - from));
  expect(await second.metric("lost_blocks_total")).toBe(0);
  await until(async () => expect(await second.metric("slot", 'of="watermark"')).toBeGreaterThan(end));
});
