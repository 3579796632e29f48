import { describe, expect, it } from "vitest";
import type { LocalnetOptions } from "../localnet.ts";
import { openLocalnet } from "../testing/localnet.ts";
import { call, openSocket } from "../testing/raw-rpc.ts";
import { createTransfer } from "../testing/transfers.ts";

const CONFIRMED = { commitment: "confirmed" };

const open = async (options: LocalnetOptions = {}) => {
  const opened = await openLocalnet({ endpoints: 2, finalitySlots: 8, ...options });
  const { localnet, payer } = opened;
  const [one, other] = localnet.endpoints;
  if (!one || !other) throw new Error("Two endpoints are needed");
  const ask = async (url: string, method: string, ...params: unknown[]): Promise<unknown> => {
    const { result, error } = await call(url, method, params);
    return error ?? result;
  };
  const slots = async (url: string) =>
    Promise.all(
      ["processed", "confirmed", "finalized"].map((commitment) => ask(url, "getSlot", { commitment })),
    );
  return { ...opened, one, other, ask, slots, transfer: createTransfer(localnet, payer) };
};

/** Subscribes, and returns how to take the next result. */
const subscribe = async (url: string, method: string, ...params: unknown[]) => {
  const socket = await openSocket(url);
  socket.send({ id: 1, method, params });
  await socket.next();
  return {
    next: async () => ((await socket.next()) as { params: { result: unknown } }).params.result,
    waiting: socket.waiting,
  };
};

describe("two endpoints", () => {
  it("show one chain, and take transactions for it", async () => {
    const { localnet, one, other, payer, ask, advance } = await open();
    expect([one.httpUrl, one.wsUrl]).toEqual([localnet.httpUrl, localnet.wsUrl]);
    const signature = await ask(one.httpUrl, "requestAirdrop", payer.address, 5);
    advance(2);
    const [here, there] = await Promise.all(
      [one, other].map(({ httpUrl }) => ask(httpUrl, "getTransaction", signature, CONFIRMED)),
    );
    expect(here).toMatchObject({ slot: 2 });
    expect(there).toEqual(here);
  });

  it("fail one at a time", async () => {
    const { one, other, ask } = await open();
    one.faults.set({ unhealthy: {} });
    expect(await ask(one.httpUrl, "getHealth")).toMatchObject({ code: -32005 });
    expect(await ask(other.httpUrl, "getHealth")).toBe("ok");
    const sockets = [await openSocket(one.wsUrl), await openSocket(other.wsUrl)] as const;
    await expect.poll(() => one.connections()).toBe(1);
    one.disconnect(1006);
    expect(await sockets[0].closed).toBe(1006);
    expect(other.connections()).toBe(1);
  });

  it("can be joined by a third, and one can go and come back", async () => {
    const { localnet, one, other, ask, advance } = await open();
    advance(3);
    const third = await localnet.addEndpoint();
    expect(localnet.endpoints).toHaveLength(3);
    expect(await ask(third.httpUrl, "getSlot", CONFIRMED)).toBe(3);
    const socket = await openSocket(one.wsUrl);
    await one.down();
    expect(await socket.closed).toBe(1006);
    await expect(ask(one.httpUrl, "getSlot")).rejects.toThrow("fetch failed");
    await expect(openSocket(one.wsUrl)).rejects.toThrow("ECONNREFUSED");
    expect(await ask(other.httpUrl, "getSlot", CONFIRMED)).toBe(3);
    await one.up();
    const { next } = await subscribe(one.wsUrl, "slotSubscribe");
    advance(1);
    expect(await next()).toMatchObject({ slot: 6 });
    expect(await ask(one.httpUrl, "getSlot", CONFIRMED)).toBe(4);
  });
});

describe("an endpoint that is behind", () => {
  it("stands still until it lags, follows, and catches up at once", async () => {
    const { one, other, payer, ask, slots, transfer, advance } = await open();
    advance(10);
    const heard = await subscribe(other.wsUrl, "logsSubscribe", "all", CONFIRMED);
    const before = await slots(other.httpUrl);
    other.faults.set({ lag: { slots: 3 } });
    const balance = async (url: string) => {
      const { value } = (await ask(url, "getBalance", payer.address, CONFIRMED)) as { value: number };
      return value;
    };
    const rich = await balance(other.httpUrl);
    const signature = await transfer(1n);
    advance(3);
    expect(await slots(other.httpUrl)).toEqual(before);
    expect(await slots(one.httpUrl)).toEqual(before.map((slot) => Number(slot) + 3));
    const cursor = ["getSignaturesForAddress", payer.address, { ...CONFIRMED, until: signature }] as const;
    expect(await ask(one.httpUrl, ...cursor)).toEqual([]);
    expect(await ask(other.httpUrl, ...cursor)).toMatchObject({ code: -32020 });
    expect(await ask(other.httpUrl, "getTransaction", signature, CONFIRMED)).toBeNull();
    expect(await ask(other.httpUrl, "getBlock", 12, CONFIRMED)).toMatchObject({ code: -32004 });
    expect(await ask(other.httpUrl, "getSlot", { ...CONFIRMED, minContextSlot: 13 })).toMatchObject({
      code: -32016,
      data: { contextSlot: 10 },
    });
    expect(await balance(other.httpUrl)).toBe(rich);
    expect(heard.waiting()).toBe(0);
    advance(2);
    expect(await heard.next()).toMatchObject({ context: { slot: 12 }, value: { signature } });
    expect(await slots(other.httpUrl)).toEqual(before.map((slot) => Number(slot) + 2));
    expect(await balance(other.httpUrl)).toBe(await balance(one.httpUrl));
    advance(20);
    expect(await slots(other.httpUrl)).toEqual(before.map((slot) => Number(slot) + 22));
    other.faults.set({ lag: null });
    expect(await slots(other.httpUrl)).toEqual(await slots(one.httpUrl));
  });

  it("keeps accounts as they were, for finalized notifications that come late", async () => {
    const { other, payer, transfer, advance } = await open();
    const heard = await subscribe(other.wsUrl, "accountSubscribe", payer.address);
    other.faults.set({ lag: { slots: 5 } });
    await transfer(1n);
    advance(1);
    await transfer(1n);
    advance(30);
    const told = [await heard.next(), await heard.next(), await heard.next()] as {
      context: { slot: number };
      value: { lamports: number };
    }[];
    expect(told.map(({ context }) => context.slot)).toEqual([1, 2, 3]);
    expect(new Set(told.map(({ value }) => value.lamports)).size).toBe(3);
  });

  it("says so when it is far behind", async () => {
    const { other, ask, advance } = await open();
    other.faults.set({ lag: { slots: 200 } });
    advance(128);
    expect(await ask(other.httpUrl, "getHealth")).toBe("ok");
    advance(1);
    expect(await ask(other.httpUrl, "getHealth")).toMatchObject({
      code: -32005,
      message: "Node is behind by 129 slots",
      data: { numSlotsBehind: 129 },
    });
  });

  it("never sees a fork that was lost before it got there, and leaves one that it saw", async () => {
    const { localnet, one, other, ask, slots, transfer, advance } = await open();
    advance(5);
    const heard = await subscribe(other.wsUrl, "logsSubscribe", "all", { commitment: "processed" });
    const seen = await transfer(1n);
    advance(1);
    other.faults.set({ lag: { slots: 2 } });
    const unseen = await transfer(2n);
    advance(1);
    localnet.chain.fork({ depth: 2 });
    expect(await slots(other.httpUrl)).toEqual([6, 6, 0]);
    const after = await transfer(3n);
    advance(10);
    expect(await heard.next()).toMatchObject({ value: { signature: seen } });
    expect(await heard.next()).toMatchObject({ value: { signature: after } });
    for (const lost of [seen, unseen]) {
      expect(await ask(other.httpUrl, "getTransaction", lost, CONFIRMED)).toBeNull();
    }
    other.faults.clear();
    expect(await slots(other.httpUrl)).toEqual(await slots(one.httpUrl));
  });
});
