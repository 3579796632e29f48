import type { Broker } from "@commcoin/broker";
import type { Localnet } from "@commcoin/localnet";
import { describe, expect, it, vi } from "vitest";
import { TOKEN_2022_PROGRAM, TOKEN_PROGRAM } from "./decode/programs/addresses.ts";
import { COMMCOIN, createCommcoinMarket } from "./testing/commcoin-market.ts";
import { expectExactMarkets, expectSound, ofType, until } from "./testing/expect-complete.ts";
import { listenReady, SLOT_MS, startNode } from "./testing/listen.ts";
import { readTopic } from "./testing/read-topic.ts";
import { keepingBroker, type RunningListener } from "./testing/start-listener.ts";

/** A machine that does many things at a time takes long for these. */
vi.setConfig({ testTimeout: 90_000 });

/** A listener to all tokens. */
const listenTo = (localnet: Localnet, env: Record<string, string> = {}, broker?: Broker) =>
  listenReady(localnet, { TRANSACTION_LISTENER_TOKENS: "all", ...env }, broker);

/** What the chain says: every transaction that names a token program or the CommCoin program, in order. */
function relevant(localnet: Localnet): readonly string[] {
  const programs = [TOKEN_PROGRAM, TOKEN_2022_PROGRAM, COMMCOIN];
  return localnet.oracle
    .transactions()
    .filter(
      ({ accounts, outcome }) => outcome !== "dropped" && programs.some((key) => accounts.includes(key)),
    )
    .map(({ signature }) => signature);
}

/** Waits until everything was published, once, and checks that it came in the order of the chain. */
async function expectEverything(localnet: Localnet, { broker }: RunningListener, timeout?: number) {
  const slot = localnet.ledger.openSlot();
  await until(() => expect(localnet.ledger.slot("confirmed")).toBeGreaterThanOrEqual(slot));
  const expected = relevant(localnet).filter(
    (signature) => (localnet.oracle.transaction(signature)?.slot ?? Infinity) < slot,
  );
  const published = async () =>
    ofType(await readTopic(broker, "transactions"), "TransactionUpdate").filter(
      ({ data }) => data.status !== "finalized" && data.slot < slot,
    );
  await until(async () => {
    const signatures = (await published()).map(({ data }) => data.transaction_id);
    expect(signatures.toSorted()).toEqual(expected.toSorted());
  }, timeout);
  expectSound(await readTopic(broker, "transactions"));
  const frames = await published();
  expect(frames.map(({ data }) => data.transaction_id)).toEqual(expected);
  return frames;
}

describe("whole blocks as the source", () => {
  it("bring every transaction of the token programs once, in order, for one request per slot and few more", async () => {
    const localnet = await startNode();
    const running = await listenTo(localnet);
    const firstSlot = localnet.ledger.openSlot();
    await createCommcoinMarket(localnet, "blocks").play(120);
    const frames = await expectEverything(localnet, running);
    expect(frames.length).toBeGreaterThan(60);
    expect(frames.some(({ data }) => data.status === "failed")).toBe(true);
    expect(frames.every(({ data }) => data.origin === "live")).toBe(true);
    await expectExactMarkets(running.broker);
    expect(await running.metric("rpc_requests_total", 'method="getTransaction"')).toBe(0);
    expect(await running.metric("rpc_requests_total", 'method="getSignaturesForAddress"')).toBe(0);
    const slots = localnet.ledger.openSlot() - firstSlot;
    const found = 'method="getBlock",outcome="ok"';
    expect(await running.metric("rpc_requests_total", found)).toBeLessThan(slots + 10);
    expect(await running.metric("decode_errors_total")).toBe(0);
  });
});

describe("blocks that are hard to get", () => {
  it("come in order over skipped slots, a node that lags, rate limits and lost announcements", async () => {
    const localnet = await startNode({ endpoints: 2 });
    const [first, second] = localnet.endpoints;
    if (first === undefined || second === undefined) throw new Error("There are two endpoints.");
    const running = await listenTo(localnet);
    const market = createCommcoinMarket(localnet, "hard");
    const pass = async (slots: number): Promise<void> => {
      const end = localnet.ledger.openSlot() + slots;
      await until(() => expect(localnet.ledger.openSlot()).toBeGreaterThanOrEqual(end));
    };
    for (const trouble of [
      () => localnet.chain.skip(3),
      () => first.faults.set({ lag: { slots: 6 } }),
      () => localnet.chain.skip(9),
      () => first.faults.set({ lag: null, rateLimit: { probability: 0.5, methods: ["getBlock"] } }),
      () => second.faults.set({ rateLimit: { next: 5, retryAfterSeconds: 1 } }),
      () => first.faults.set({ rateLimit: null, drop: { probability: 0.5, subscriptions: ["slot"] } }),
      () => first.faults.set({ unhealthy: { probability: 0.5 }, drop: null }),
      () => first.disconnect(1006),
    ]) {
      trouble();
      await market.play(8);
      await pass(6);
    }
    for (const endpoint of localnet.endpoints) endpoint.faults.clear();
    const frames = await expectEverything(localnet, running);
    expect(frames.length).toBeGreaterThan(40);
    expect(await running.metric("lost_blocks_total")).toBe(0);
    expect(await running.metric("rpc_requests_total", 'outcome="rate_limited"')).toBeGreaterThan(0);
  });

  it("are caught up with after a restart, and after another listener was killed", async () => {
    const localnet = await startNode();
    const broker = keepingBroker();
    const market = createCommcoinMarket(localnet, "restart");
    for (let round = 0; round < 2; round += 1) {
      const running = await listenTo(localnet, {}, broker);
      await market.play(20);
      await running.listener.stop();
      await market.play(20);
    }
    const leader = await listenTo(localnet, {}, broker);
    const standby = await listenTo(localnet, {}, broker);
    await market.play(20);
    expect(await standby.metric("rpc_requests_total", 'method="getBlock"')).toBe(0);
    await leader.listener.stop();
    await market.play(20);
    const frames = await expectEverything(localnet, standby);
    expect(frames.some(({ data }) => data.origin === "backfill")).toBe(true);
    await expectExactMarkets(broker);
    const last = Math.max(...frames.map(({ data }) => data.slot));
    await until(async () =>
      expect(await standby.metric("slot", 'of="watermark"')).toBeGreaterThanOrEqual(last),
    );
  });
});

describe("whole blocks without audits", () => {
  it("move the checkpoint while they are read", async () => {
    const localnet = await startNode();
    const running = await listenTo(localnet, { TRANSACTION_LISTENER_AUDIT_INTERVAL: "0" });
    await createCommcoinMarket(localnet, "no audits").play(30);
    const frames = await expectEverything(localnet, running);
    expect(frames.length).toBeGreaterThan(0);
    const last = Math.max(...frames.map(({ data }) => data.slot));
    await until(async () =>
      expect(await running.metric("slot", 'of="watermark"')).toBeGreaterThanOrEqual(last),
    );
  });
});

describe("an account beside whole blocks", () => {
  it("has its transactions once, whoever reports them first, and in the order of the chain", async () => {
    const localnet = await startNode();
    const running = await listenTo(localnet, { TRANSACTION_LISTENER_ACCOUNTS: COMMCOIN });
    await createCommcoinMarket(localnet, "account").play(60);
    await expectEverything(localnet, running);
    const duplicates = await running.metric("duplicates_total", 'source="account"');
    const held = await running.metric("rpc_requests_total", 'method="getTransaction"');
    expect([duplicates > 0 || held === 0, held]).toEqual([true, 0]);
    expect((await readTopic(running.broker, `account:${COMMCOIN}`)).length).toBeGreaterThan(10);
  });
});

describe("a fork below whole blocks", () => {
  it("is told: what it dropped, once, and what landed again, once, as the chain has it in the end", async () => {
    const localnet = await startNode({ slotMs: 2 * SLOT_MS, finalitySlots: 8 });
    const { ledger, chain, oracle } = localnet;
    const running = await listenTo(localnet);
    /** What was told of each transaction, in order, but for when it was final. */
    const stories = async (): Promise<ReadonlyMap<string, readonly string[]>> => {
      const told = new Map<string, string[]>();
      for (const { data } of ofType(await readTopic(running.broker, "transactions"), "TransactionUpdate")) {
        const { transaction_id: signature, status, error, slot } = data;
        const step = error === "dropped" ? error : `${status} in ${slot}`;
        if (status !== "finalized") told.set(signature, [...(told.get(signature) ?? []), step]);
      }
      return told;
    };
    let blockhash: string | null = null;
    const confirmedBlockhash = () => blockhash ?? localnet.confirmedBlockhash();
    const market = createCommcoinMarket({ ...localnet, confirmedBlockhash }, "fork");
    /** Loses transactions of which some were told as confirmed. */
    const fork = async (reland: "none" | "all"): Promise<readonly string[]> => {
      // What names a block that the fork keeps can land again.
      blockhash = localnet.confirmedBlockhash();
      const kept = ledger.slot("confirmed");
      await until(() => expect(ledger.slot("finalized")).toBeGreaterThan(kept));
      const before = new Set(relevant(localnet));
      await market.play(6);
      await until(async () => {
        const told = await stories();
        const news = [...told.keys()].filter((signature) => !before.has(signature));
        expect(news.length).toBeGreaterThan(3);
      });
      const { lost } = chain.fork({
        depth: ledger.slot("processed") - ledger.slot("finalized") - 1,
        reland,
      });
      blockhash = null;
      const told = await stories();
      const confirmed = lost.filter((signature) => told.get(signature)?.at(-1)?.startsWith("confirmed"));
      expect(confirmed.length).toBeGreaterThan(1);
      return confirmed;
    };
    await market.play(10);
    await expectEverything(localnet, running);

    const dropped = await fork("none");
    await until(async () => {
      const told = await stories();
      for (const signature of dropped) expect(told.get(signature)?.at(-1)).toBe("dropped");
    });
    // The others stay lost.
    const again = dropped.filter((signature, at) => at % 2 === 0 && chain.reland(signature));
    expect(again.length).toBeGreaterThan(0);
    await market.play(6);
    const moved = await fork("all");
    await market.play(6);

    const end = ledger.openSlot();
    await until(() => expect(ledger.slot("finalized")).toBeGreaterThan(end));
    const landings = oracle
      .transactions()
      .filter(({ accounts }) => accounts.includes(TOKEN_PROGRAM) || accounts.includes(COMMCOIN));
    const storyOf = ({ signature, outcome, slot, err }: (typeof landings)[number]): RegExp => {
      if (outcome === "dropped") return /^$|dropped$/;
      if (again.includes(signature)) return new RegExp(`^confirmed in \\d+, dropped, confirmed in ${slot}$`);
      return err === null ? /^confirmed in \d+$/ : /^failed in \d+$/;
    };
    await until(async () => {
      const told = await stories();
      for (const landing of landings) {
        expect((told.get(landing.signature) ?? []).join(", ")).toMatch(storyOf(landing));
      }
    });
    const isKept = (signature: string): boolean => oracle.transaction(signature)?.outcome === "finalized";
    expect([again.some(isKept), moved.some(isKept)]).toEqual([true, true]);
    const told = await stories();
    expect([...told.keys()].filter((signature) => oracle.transaction(signature) === null)).toEqual([]);
    expectSound(await readTopic(running.broker, "transactions"));
    expect(await running.metric("lost_blocks_total")).toBe(0);
  });
});
