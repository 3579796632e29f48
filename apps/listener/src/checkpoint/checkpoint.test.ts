import { createMemoryBroker, FencedError } from "@commcoin/broker";
import { describe, expect, it } from "vitest";
import { readDropped } from "../finality/dropped.ts";
import { createMarket } from "../market/market.ts";
import { createStartingPoint } from "../sources/starting-point.ts";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint, settledSlot } from "./checkpoint.ts";
import { createListenerState } from "./listener-state.ts";

const checkpoint: Checkpoint = {
  version: 1,
  finalized: 90,
  lanes: [
    { address: "program", watermark: 100, coin: false },
    { address: "mint", watermark: 95, coin: true },
  ],
};

describe("checkpoint", () => {
  it("survives being written down", () => {
    expect(decodeCheckpoint(encodeCheckpoint(checkpoint))).toEqual(checkpoint);
    expect(settledSlot(checkpoint)).toBe(90);
    expect(settledSlot({ ...checkpoint, finalized: 99 })).toBe(95);
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
    const [state, elsewhere] = [
      createListenerState(states, "network", "program"),
      createListenerState(states, "other network", "program"),
    ];
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
    await createListenerState(states, "network", "program").takeOver(1);
    const state = createListenerState(afterLoss, "network", "program");
    const market = createMarket();
    await state.save(checkpoint, new Map([["mint", market.save("mint")]]), 1);
    expect(await state.takeOver(2)).toMatchObject({ checkpoint: null, markets: new Map() });
    await state.save(checkpoint, new Map(), 2);
    expect(await state.takeOver(3)).toMatchObject({ checkpoint, markets: new Map() });
  });
});
