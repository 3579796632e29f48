import { SYSTEM_PROGRAM_ADDRESS } from "@solana-program/system";
import { generateKeyPairSigner } from "@solana/kit";
import { describe, expect, it } from "vitest";
import type { LocalnetOptions } from "./localnet.ts";
import { executedTransaction } from "./testing/executed.ts";
import { openLocalnet } from "./testing/localnet.ts";
import { call, openSocket } from "./testing/raw-rpc.ts";
import { createTransfer } from "./testing/transfers.ts";

const CONFIRMED = { commitment: "confirmed" };

const open = async (options: LocalnetOptions = {}) => {
  const opened = await openLocalnet({ finalitySlots: 8, ...options });
  const { localnet, payer } = opened;
  const ask = async (method: string, ...params: unknown[]): Promise<unknown> => {
    const { result, error } = await call(localnet.httpUrl, method, params);
    return error ?? result;
  };
  return { ...opened, ask, transfer: createTransfer(localnet, payer) };
};

/** Subscribes and waits for the acknowledgement. */
const subscribe = async (url: string, method: string, ...params: unknown[]) => {
  const socket = await openSocket(url);
  socket.send({ id: 1, method, params });
  await socket.next();
  return async (): Promise<unknown> => {
    const { params } = (await socket.next()) as { params: { result: unknown } };
    return params.result;
  };
};

describe("skipped slots", () => {
  it("have no block, are left out of lists, and are jumped over by parents", async () => {
    const { localnet, ask, advance } = await open();
    const nextSlot = await subscribe(localnet.wsUrl, "slotSubscribe");
    advance(3);
    localnet.chain.skip(2);
    advance(3);
    expect(await ask("getBlock", 6, CONFIRMED)).toEqual({
      code: -32004,
      message: "Block not available for slot 6",
    });
    expect(await ask("getBlocks", 4, 8, CONFIRMED)).toEqual([4, 5, 8]);
    expect(await ask("getBlock", 8, CONFIRMED)).toMatchObject({ parentSlot: 5, blockHeight: 6 });
    const announced = [await nextSlot(), await nextSlot(), await nextSlot(), await nextSlot()];
    expect(announced.map((each) => (each as { slot: number }).slot)).toEqual([3, 4, 5, 8]);
    expect(announced.at(-1)).toMatchObject({ slot: 8, parent: 5 });
  });
});

describe("a lost fork", () => {
  it("takes back confirmed transactions and what they did to accounts", async () => {
    const { localnet, payer, ask, advance, transfer } = await open();
    const { address } = await generateKeyPairSigner();
    const { address: created } = await generateKeyPairSigner();
    advance(2);
    const nextLogs = await subscribe(
      localnet.wsUrl,
      "logsSubscribe",
      { mentions: [payer.address] },
      CONFIRMED,
    );
    const nextAccount = await subscribe(localnet.wsUrl, "accountSubscribe", payer.address, CONFIRMED);
    const kept = await transfer(1_000_000n, address);
    advance(1);
    const lost = await transfer(2_000_000n, address);
    const alsoLost = await transfer(2_000_000n, created);
    advance(2);
    const balance = async () => ask("getBalance", address, { commitment: "processed" });
    expect(await balance()).toMatchObject({ value: 3_000_000 });
    expect(await nextLogs()).toMatchObject({ value: { signature: kept } });
    expect(await nextLogs()).toMatchObject({ context: { slot: 5 }, value: { signature: lost } });
    const [first, second] = [await nextAccount(), await nextAccount()] as { value: { lamports: number } }[];
    expect(second?.value.lamports).toBeLessThan(first?.value.lamports ?? 0);

    expect(localnet.chain.fork({ depth: 2 })).toEqual({
      baseSlot: 4,
      lostSlots: [5, 6],
      lost: [lost, alsoLost],
      relanded: [],
    });
    expect(await ask("getTransaction", lost, CONFIRMED)).toBeNull();
    expect(await ask("getSignatureStatuses", [lost, kept])).toMatchObject({ value: [null, { slot: 4 }] });
    const listed = (await ask("getSignaturesForAddress", address, CONFIRMED)) as { signature: string }[];
    expect(listed.map(({ signature }) => signature)).toEqual([kept]);
    expect(await balance()).toMatchObject({ value: 1_000_000 });
    const owned = await ask("getProgramAccounts", SYSTEM_PROGRAM_ADDRESS, CONFIRMED);
    const addresses = new Set((owned as { pubkey: string }[]).map(({ pubkey }) => pubkey));
    expect([addresses.has(address), addresses.has(created)]).toEqual([true, false]);
    expect(await ask("getAccountInfo", created, CONFIRMED)).toMatchObject({ value: null });
    // Slots 5 and 6 lost their blocks, 7 was open; the new fork is 8 and 9, and confirmed above them.
    expect(await ask("getBlocks", 4, 9, CONFIRMED)).toEqual([4, 8]);
    expect(await ask("getBlock", 8, CONFIRMED)).toMatchObject({ parentSlot: 4 });
    expect(await ask("getBlock", 5, CONFIRMED)).toMatchObject({ code: -32004 });
    expect(await ask("getSlot", CONFIRMED)).toBe(8);
    expect(await nextAccount()).toMatchObject({
      context: { slot: 8 },
      value: { lamports: first?.value.lamports },
    });
    expect(localnet.oracle.transaction(lost)).toMatchObject({
      outcome: "dropped",
      landings: [{ slot: 5, reached: "confirmed", lost: true }],
    });
    expect(localnet.oracle.lostSlots()).toEqual([5, 6]);
  });

  it("lets transactions land again in other slots, when their blockhash is of both forks", async () => {
    const { localnet, ask, advance, transfer } = await open();
    const { address } = await generateKeyPairSigner();
    advance(2);
    const nextLogs = await subscribe(localnet.wsUrl, "logsSubscribe", "all", { commitment: "processed" });
    const common = localnet.engine.latestBlockhash();
    const early = await transfer(1_000_000n, address, common);
    advance(1);
    const late = await transfer(2_000_000n, address, common);
    const lostForEver = await transfer(3_000_000n, address);
    advance(1);
    const { relanded } = localnet.chain.fork({ depth: 2, reland: "all" });
    expect(relanded).toEqual([early, late]);
    expect(await ask("getTransaction", late, CONFIRMED)).toMatchObject({ slot: 7, transactionIndex: 1 });
    expect(await ask("getBalance", address, CONFIRMED)).toMatchObject({ value: 3_000_000 });
    expect(localnet.chain.reland(lostForEver)).toBe(false);
    expect(localnet.chain.reland(late)).toBe(false);
    const told = [];
    for (let count = 0; count < 5; count += 1) told.push(await nextLogs());
    expect(told).toMatchObject([
      { context: { slot: 4 }, value: { signature: early } },
      { context: { slot: 5 }, value: { signature: late } },
      { context: { slot: 5 }, value: { signature: lostForEver } },
      { context: { slot: 7 }, value: { signature: early } },
      { context: { slot: 7 }, value: { signature: late } },
    ]);
    advance(8);
    expect(localnet.oracle.mentioning(address)).toMatchObject([
      { signature: lostForEver, outcome: "dropped" },
      { signature: early, outcome: "finalized", slot: 7, landings: [{ slot: 4, lost: true }, { slot: 7 }] },
      { signature: late, outcome: "finalized", slot: 7, index: 1 },
    ]);
  });

  it("can bring a transaction back long after", async () => {
    const { localnet, advance, transfer } = await open();
    advance(2);
    const common = localnet.engine.latestBlockhash();
    const signature = await transfer(1n, undefined, common);
    advance(1);
    localnet.chain.fork({ depth: 1 });
    advance(20);
    expect(localnet.oracle.transaction(signature)?.outcome).toBe("dropped");
    expect(localnet.chain.reland(signature)).toBe(true);
    const slot = localnet.ledger.openSlot();
    advance(1);
    expect(localnet.oracle.transaction(signature)).toMatchObject({ outcome: "processed", slot });
  });

  it("brings recorded transactions back as they are", async () => {
    const { localnet, advance } = await open();
    advance(2);
    localnet.submit(executedTransaction("recorded", "alice"));
    advance(1);
    expect(localnet.chain.fork({ depth: 1, reland: "all" })).toMatchObject({ relanded: ["recorded"] });
    expect(localnet.oracle.mentioning("alice")).toMatchObject([
      { signature: "recorded", outcome: "confirmed", slot: 6, landings: [{ slot: 4, lost: true }, {}] },
    ]);
  });

  it("leaves a chain on which a market goes on", async () => {
    const { localnet, advance } = await open({ market: { transactionsPerSecond: 500, seed: "fork" } });
    const relanded: string[] = [];
    for (let round = 0; round < 5; round += 1) {
      const before = localnet.oracle.transactions().length;
      await expect
        .poll(() => localnet.oracle.transactions().length, { timeout: 10_000 })
        .toBeGreaterThan(before + 5);
      advance(2);
      const fork = localnet.chain.fork({ depth: 2, reland: round % 2 === 0 ? "all" : "none" });
      relanded.push(...fork.relanded);
    }
    await localnet.stop();
    advance(10);
    const outcomes = new Set(localnet.oracle.transactions().map(({ outcome }) => outcome));
    expect(outcomes).toContain("dropped");
    expect(outcomes).toContain("finalized");
    expect(relanded.length).toBeGreaterThan(5);
  });
});

describe("a root jump", () => {
  it("hides what is between the roots from finalized logs, but not from blocks, roots and accounts", async () => {
    const { localnet, payer, advance, transfer } = await open({ finalitySlots: 4 });
    advance(6);
    const finalized = { commitment: "finalized" };
    const nextLogs = await subscribe(localnet.wsUrl, "logsSubscribe", "all", finalized);
    const nextBlock = await subscribe(localnet.wsUrl, "blockSubscribe", "all", {
      ...finalized,
      transactionDetails: "signatures",
    });
    const nextRoot = await subscribe(localnet.wsUrl, "rootSubscribe");
    const nextAccount = await subscribe(localnet.wsUrl, "accountSubscribe", payer.address, finalized);
    const hidden = await transfer(1n);
    advance(2);
    const shown = await transfer(2n);
    advance(1);
    const held = localnet.ledger.slot("finalized");
    localnet.chain.rootJump(3);
    advance(3);
    expect(localnet.ledger.slot("finalized")).toBe(held);
    advance(1);
    expect(localnet.ledger.slot("finalized")).toBe(10);
    expect(await nextLogs()).toMatchObject({ context: { slot: 10 }, value: { signature: shown } });
    const blocks: { signatures: string[] }[] = [];
    const roots: unknown[] = [];
    while (roots.at(-1) !== 10) {
      blocks.push(((await nextBlock()) as { value: { block: { signatures: string[] } } }).value.block);
      roots.push(await nextRoot());
    }
    expect(roots).toEqual([4, 5, 6, 7, 8, 9, 10]);
    expect(blocks.flatMap(({ signatures }) => signatures)).toEqual([hidden, shown]);
    expect(await nextAccount()).toMatchObject({ context: { slot: 10 } });
  });
});
