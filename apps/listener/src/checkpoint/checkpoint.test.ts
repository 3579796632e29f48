import { createMemoryBroker, FencedError, type StateStore } from "@commcoin/broker";
import { describe, expect, it } from "vitest";
import { readDropped } from "../finality/dropped.ts";
import { createMarket } from "../market/market.ts";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint, settledSlot } from "../model/checkpoint.ts";
import { createStartingPoint } from "../sources/starting-point.ts";
import { testAddress } from "../testing/rpc-json.ts";
import { createListenerState, type ListenerState, type Unreadable } from "./listener-state.ts";

const checkpoint: Checkpoint = {
  version: 1,
  finalized: 90,
  lanes: [
    { address: "program", watermark: 100, coin: false },
    { address: "mint", watermark: 95, coin: true },
  ],
};

/** A listener's state in which everything can be read. */
const open = (states: StateStore, network = "network"): ListenerState =>
  createListenerState(states, network, "program", ({ kind }) => {
    throw new Error(`The ${kind} cannot be read.`);
  });

describe("checkpoint", () => {
  it("survives being written down", () => {
    expect(decodeCheckpoint(encodeCheckpoint(checkpoint))).toEqual(checkpoint);
    expect(settledSlot(checkpoint)).toBe(90);
    expect(settledSlot({ ...checkpoint, finalized: 99 })).toBe(95);
  });

  it("survives being written down with as many addresses as the largest configuration follows", () => {
    const largest = { accounts: 1_000, demanded: 10_000, coins: 10_000, programs: 1 };
    const count = Object.values(largest).reduce((sum, each) => sum + each, 0);
    const lanes = Array.from({ length: count }, (_, n) => ({
      address: testAddress(String(n)),
      watermark: n,
      coin: n % 2 === 0,
    }));
    expect(decodeCheckpoint(encodeCheckpoint({ ...checkpoint, lanes }))).toEqual({ ...checkpoint, lanes });
  });

  it.each([
    "",
    "{}",
    "[",
    JSON.stringify({ ...checkpoint, version: 2 }),
    JSON.stringify({ ...checkpoint, lanes: [{}] }),
  ])("takes %s for none", (text) => {
    expect(decodeCheckpoint(text)).toBeNull();
  });

  it("says where each address goes on, and from the present where it does not know", () => {
    const point = createStartingPoint(checkpoint, 500);
    expect([point.slotOf("program"), point.slotOf("mint"), point.slotOf("new")]).toEqual([101, 96, 500]);
    expect(point.coins).toEqual(["mint"]);
    expect(createStartingPoint(null, 500).slotOf("program")).toBe(500);
  });
});

describe("state of listeners", () => {
  it("is handed on whole, and closed to the one before", async () => {
    const { states } = createMemoryBroker();
    const [state, elsewhere] = [open(states), open(states, "other network")];
    expect(await state.takeOver(1)).toMatchObject({ checkpoint: null, markets: new Map() });
    const market = createMarket();
    market.restore("mint", {
      base: { evictedMinute: 0, settledSlot: -1, last: null, reference: null, unsettled: [], buckets: [] },
      tentative: [
        {
          signature: "s",
          id: "s:0",
          slot: 97,
          index: 3,
          price: "0.5",
          trade: { time: 1_800_000_000, solLamports: 7n },
        },
      ],
      settledSlot: 96,
    });
    const saved = market.save("mint");
    await state.save(checkpoint, new Map([["mint", saved]]), 1);
    expect(await state.readCheckpoint()).toEqual(checkpoint);
    await state.saveDropped(readDropped(undefined).with("s", 5), 1);
    const taken = await state.takeOver(2);
    expect(taken).toMatchObject({ checkpoint, markets: new Map([["mint", saved]]) });
    expect(taken.dropped.text).toBe('[["s",5]]');
    await expect(state.save(checkpoint, new Map(), 1)).rejects.toThrow(FencedError);
    await state.save(checkpoint, new Map([["mint", null]]), 2);
    expect((await state.takeOver(3)).markets.size).toBe(0);
    expect(await elsewhere.readCheckpoint()).toBeNull();
  });

  it("is taken for nothing when the store lost what came before: markets that did not change are missing", async () => {
    const { states } = createMemoryBroker();
    const { states: afterLoss } = createMemoryBroker();
    await open(states).takeOver(1);
    const state = open(afterLoss);
    const market = createMarket();
    await state.save(checkpoint, new Map([["mint", market.save("mint")]]), 1);
    expect(await state.takeOver(2)).toMatchObject({ checkpoint: null, markets: new Map() });
    await state.save(checkpoint, new Map(), 2);
    expect(await state.takeOver(3)).toMatchObject({ checkpoint, markets: new Map() });
  });

  it("says what is there and cannot be read", async () => {
    const { states } = createMemoryBroker();
    const name = "listener:network:program";
    const told: Unreadable[] = [];
    const state = createListenerState(states, "network", "program", (what) => told.push(what));
    await state.takeOver(1);
    await state.save(checkpoint, new Map([["mint", createMarket().save("mint")]]), 1);
    await states.write(
      name,
      new Map([
        ["coin:a", "{}"],
        ["coin:b", "["],
      ]),
      { fence: 1 },
    );
    expect(await state.takeOver(2)).toMatchObject({ checkpoint, markets: new Map() });
    expect(told.splice(0)).toEqual([{ kind: "market", mints: ["a", "b"] }]);
    await states.write(name, new Map([["checkpoint", "{}"]]), { fence: 2 });
    expect(await state.readCheckpoint()).toBeNull();
    await states.write(name, new Map([["checkpoint", "[]"]]), { fence: 2 });
    expect(await state.readCheckpoint()).toBeNull();
    expect(told.splice(0)).toEqual([{ kind: "checkpoint" }]);
    expect(await state.takeOver(3)).toMatchObject({ checkpoint: null });
    expect(told).toEqual([{ kind: "checkpoint" }]);
  });

  it("is read anew only when it changed", async () => {
    const state = open(createMemoryBroker().states);
    expect(await state.readCheckpoint()).toBeNull();
    await state.save(checkpoint, new Map(), 1);
    const read = await state.readCheckpoint();
    expect(read).toEqual(checkpoint);
    expect(await state.readCheckpoint()).toBe(read);
    await state.save({ ...checkpoint, finalized: 91 }, new Map(), 1);
    expect(await state.readCheckpoint()).toEqual({ ...checkpoint, finalized: 91 });
  });
});
