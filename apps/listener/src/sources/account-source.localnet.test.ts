import { BrokerUnavailableError, createMemoryBroker, type Broker, type Demand } from "@commcoin/broker";
import { createLocalnet, type Localnet } from "@commcoin/localnet";
import { eventually } from "@commcoin/tsconfig/eventually";
import { expect, it, onTestFinished } from "vitest";
import { COMMCOIN, createCommcoinMarket, signaturesOf } from "../testing/commcoin-market.ts";
import { ofType } from "../testing/expect-complete.ts";
import { readTopic } from "../testing/read-topic.ts";
import { testAddress } from "../testing/rpc-json.ts";
import { keepingBroker, startListener, type RunningListener } from "../testing/start-listener.ts";

const CONFIGURED = testAddress("configured");
const ALICE = testAddress("alice");
const BOB = testAddress("bob");
const LIMIT = 2;

interface World {
  readonly localnet: Localnet;
  readonly broker: Broker;
  readonly running: RunningListener;
}

/** A listener that only follows accounts, with a demand that may be made to fail. */
async function start(change: (demand: Demand) => Partial<Demand> = () => ({})): Promise<World> {
  const localnet = await createLocalnet({ slotMs: 50 });
  onTestFinished(() => localnet.stop());
  const memory = createMemoryBroker();
  const broker = { ...memory, demand: { ...memory.demand, ...change(memory.demand) } };
  const env = {
    SOLANA_RPC_URL: localnet.httpUrl,
    SOLANA_WS_URL: localnet.wsUrl,
    TRANSACTION_LISTENER_PROGRAM: "false",
    TRANSACTION_LISTENER_TOKENS: "off",
    TRANSACTION_LISTENER_ACCOUNTS: CONFIGURED,
    WATCHED_ACCOUNTS_MAX: String(LIMIT),
  };
  const running = await startListener(env, { broker });
  onTestFinished(() => running.listener.stop());
  await eventually(async () => expect((await running.ready()).status).toBe(200));
  return { localnet, broker, running };
}

const want = (broker: Broker, ...addresses: string[]): Promise<unknown> =>
  broker.demand.change("gateway", { want: addresses, leave: [] }, 1_000);

async function expectPublished({ localnet, broker }: World, address: string): Promise<void> {
  const executed = localnet.engine.airdrop(address, 1_000_000n);
  localnet.submit(executed);
  await eventually(async () => {
    const ids = (await readTopic(broker, `account:${address}`)).map(({ id }) => id);
    expect(ids.filter((id) => id.startsWith(executed.signature))).toHaveLength(1);
  });
}

const live = (running: RunningListener, count: number): Promise<void> =>
  eventually(async () => expect(await running.metric("subscriptions", 'source="account"')).toBe(count));

it("finds accounts of which nobody told it, and stays ready meanwhile", async () => {
  const world = await start(() => ({ listen: () => Promise.resolve(() => {}) }));
  const { broker, running } = world;
  await want(broker, ALICE, CONFIGURED);
  let asked = 0;
  await eventually(async () => {
    asked += 1;
    expect((await running.ready()).status).toBe(200);
    expect(await running.metric("subscriptions", 'source="account"')).toBe(2);
  });
  expect(asked).toBeGreaterThan(0);
  await expectPublished(world, ALICE);
  await expectPublished(world, CONFIGURED);
  expect(await running.metric("demanded_accounts")).toBe(2);
  expect(await running.metric("watched_accounts")).toBe(2);
});

it("keeps watching while the demand cannot be read, and goes on afterwards", async () => {
  let away = false;
  let failures = 0;
  const world = await start((demand) => ({
    wanted() {
      if (!away) return demand.wanted();
      failures += 1;
      return Promise.reject(new BrokerUnavailableError("away"));
    },
  }));
  const { broker, running } = world;
  await want(broker, ALICE);
  await live(running, 2);
  away = true;
  await want(broker, BOB);
  await eventually(() => expect(failures).toBeGreaterThan(2));
  await expectPublished(world, ALICE);
  expect(await running.metric("watched_accounts")).toBe(2);
  away = false;
  await live(running, 3);
  await expectPublished(world, BOB);
});

it("watches no more than it may, and says how many it leaves out", async () => {
  const { broker, running } = await start();
  await want(broker, ALICE, BOB, testAddress("carol"));
  await live(running, LIMIT + 1);
  expect(await running.metric("refused_accounts")).toBe(1);
  expect(await running.metric("watched_accounts")).toBe(LIMIT + 1);
  expect((await running.ready()).status).toBe(200);
});

/** Who sent most transactions of the CommCoin program until now. */
function busiestUser({ ledger }: Localnet): string {
  const count = new Map<string, number>();
  for (let slot = 0; slot <= ledger.slot("confirmed"); slot += 1) {
    for (const { executed } of ledger.block(slot)?.transactions ?? []) {
      const [user = "", ...others] = executed.transaction.message.accountKeys;
      if (others.includes(COMMCOIN)) count.set(user, (count.get(user) ?? 0) + 1);
    }
  }
  const [busiest] = [...count].toSorted(([, a], [, b]) => b - a);
  return busiest?.[0] ?? "";
}

it("misses nothing of an account that the program source brings first, over a restart", async () => {
  const localnet = await createLocalnet({ slotMs: 50 });
  onTestFinished(() => localnet.stop());
  const market = createCommcoinMarket(localnet, "accounts");
  await market.play(60);
  const user = busiestUser(localnet);
  const memory = keepingBroker();
  await want(memory, user);
  const listen = async (demand: Demand): Promise<RunningListener> => {
    const env = { SOLANA_RPC_URL: localnet.httpUrl, SOLANA_WS_URL: localnet.wsUrl };
    const running = await startListener(env, { broker: { ...memory, demand } });
    onTestFinished(() => running.listener.stop());
    return running;
  };
  const expectAll = async (since: number): Promise<void> => {
    const slot = localnet.ledger.openSlot();
    await eventually(async () => {
      expect(localnet.ledger.slot("confirmed")).toBeGreaterThanOrEqual(slot);
      const frames = ofType(await readTopic(memory, `account:${user}`), "TransactionUpdate");
      const confirmed = frames.filter(({ data }) => data.status !== "finalized");
      const told = new Set(confirmed.map(({ data }) => data.transaction_id));
      const missing = signaturesOf(localnet, new Set([user]), since).filter((each) => !told.has(each));
      expect(missing).toEqual([]);
    });
  };

  const first = await listen(memory.demand);
  await live(first, 1);
  const since = localnet.ledger.openSlot() + 1;
  await market.play(40);
  await expectAll(since);
  await first.listener.stop();
  const known = signaturesOf(localnet, new Set([user]), since).length;
  await market.play(60);
  let failures = 0;
  const second = await listen({
    ...memory.demand,
    wanted() {
      if (failures > 0) return memory.demand.wanted();
      failures += 1;
      return Promise.reject(new BrokerUnavailableError("away"));
    },
  });
  await live(second, 1);
  await market.play(20);
  await expectAll(since);
  expect(failures).toBe(1);
  expect(signaturesOf(localnet, new Set([user]), since).length).toBeGreaterThan(known + 5);
}, 60_000);
