import { createMemoryBroker } from "@commcoin/broker";
import { silentLogger } from "@commcoin/service/telemetry";
import { describe, expect, it } from "vitest";
import { readDropped } from "../finality/dropped.ts";
import { createMarket } from "../market/market.ts";
import type { Checkpoint } from "../model/checkpoint.ts";
import { createThrottledLog } from "../support/throttled-log.ts";
import { endlessTerm } from "../testing/endless-term.ts";
import { createHandover } from "./handover.ts";
import { createListenerState } from "./listener-state.ts";

const checkpointAt = (watermark: number): Checkpoint => ({
  version: 1,
  finalized: watermark,
  lanes: [{ address: "program", watermark, coin: false }],
});

/** A listener, and what it leaves in a store that can be exchanged for an empty one. */
function setUp() {
  const broker = createMemoryBroker();
  const handover = createHandover({
    broker,
    commcoinProgramId: "program",
    log: silentLogger,
    throttledLog: createThrottledLog(silentLogger),
  });
  const state = createListenerState(broker.states, "network", "program", () => {});
  const empty = createListenerState(createMemoryBroker().states, "network", "program", () => {});
  return { broker, handover, state, empty };
}

const oneTrade = () => {
  const market = createMarket();
  market.restore("mint", {
    base: { evictedMinute: 0, settledSlot: -1, last: null, reference: null, unsettled: [], buckets: [] },
    tentative: [
      {
        signature: "s",
        id: "s:0",
        slot: 5,
        index: 0,
        price: "0.5",
        trade: { time: 1_800_000_000, solLamports: 7n },
      },
    ],
    settledSlot: 4,
  });
  return market;
};

describe("what a publisher begins with", () => {
  it("is nothing where nobody published", async () => {
    const { handover, state } = setUp();
    const legacy = await handover.take(endlessTerm, state);
    expect(legacy).toMatchObject({ checkpoint: null, publishedSlot: -1 });
    expect(legacy?.market.size).toBe(0);
  });

  it("is what the store says, whatever is remembered here", async () => {
    const { handover, state } = setUp();
    handover.followed(checkpointAt(3));
    await state.takeOver(endlessTerm.fence);
    await state.save(checkpointAt(9), new Map(), endlessTerm.fence);
    expect(await handover.take(endlessTerm, state)).toMatchObject({ checkpoint: checkpointAt(9) });
  });

  it("is this listener's own past, markets included, when the store lost its data", async () => {
    const { handover, empty } = setUp();
    const market = oneTrade();
    handover.saved(checkpointAt(9), market, readDropped(undefined));
    const legacy = await handover.take(endlessTerm, empty);
    expect(legacy).toMatchObject({ checkpoint: checkpointAt(9) });
    expect(legacy?.market).toBe(market);
    expect([...(legacy?.unsaved ?? [])]).toEqual(["mint"]);
  });

  it("is how far another one was seen to be, when the store lost its data", async () => {
    const { handover, empty } = setUp();
    handover.saved(checkpointAt(3), oneTrade(), readDropped(undefined));
    handover.followed(checkpointAt(9));
    const legacy = await handover.take(endlessTerm, empty);
    expect(legacy).toMatchObject({ checkpoint: checkpointAt(9) });
    expect(legacy?.market.size).toBe(0);
  });

  it("says how far publication has come", async () => {
    const { broker, handover, state } = setUp();
    const told = (status: string, slot: number) => ({
      topic: "transactions",
      type: "TransactionUpdate",
      id: `${slot}:${status}`,
      data: { status, slot },
    });
    await broker.publish([told("confirmed", 8), told("failed", 7), told("finalized", 99)]);
    expect(await handover.take(endlessTerm, state)).toMatchObject({ publishedSlot: 8 });
  });
});
