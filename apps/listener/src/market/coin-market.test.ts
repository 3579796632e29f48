import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CoinMarket, type Operation } from "./coin-market.ts";
import { placeOf } from "./place.ts";
import { decodeMarketState, encodeMarketState } from "./token-market-state.ts";
import { TokenMarket } from "./token-market.ts";

const TOKEN = { mint: "mint", supply: 10n ** 15n, decimals: 6 };
const START = 1_800_000_000;

const trade = (n: number, slot: number, price: number, minutes = 0): Operation => ({
  signature: `s${n}`,
  id: `s${n}:0:TokenPriceUpdate`,
  slot,
  index: n,
  price: `${price}`,
  trade: { time: START + minutes * 60, solLamports: BigInt(price) * 1_000_000_000n },
});
const seed = (slot: number, price: number): Operation => ({
  signature: "creation",
  id: "creation:0:TokenCreated",
  slot,
  index: null,
  price: `${price}`,
  trade: null,
});

/** A market in which only this ever happened. */
function only(operations: readonly Operation[]) {
  const market = new TokenMarket(TOKEN);
  for (const { id, slot, index, price, trade: traded } of operations) {
    const place = placeOf(slot, index);
    if (traded === null) market.seed(price, place);
    else market.applyTrade({ id, slot, place, price, ...traded });
  }
  return market.snapshot(START + 3_600);
}

describe("CoinMarket", () => {
  it("takes a trade back: high, low, volume and price are as if it had never been", () => {
    const market = new CoinMarket(TOKEN);
    const [first, dear, last] = [trade(1, 10, 5), trade(2, 11, 900), trade(3, 12, 4)];
    for (const operation of [seed(9, 3), first, dear, last]) expect(market.apply(operation)).toBe(true);
    expect(market.snapshot(START)).toMatchObject({ high_24h: "900", trades_24h: 3 });
    expect(market.retract("s2")).toBe(true);
    expect(market.snapshot(START + 3_600)).toEqual(only([seed(9, 3), first, last]));
    expect(market.retract("s2")).toBe(false);
  });

  it("counts a trade that was taken back once more when it comes back", () => {
    const market = new CoinMarket(TOKEN);
    market.apply(trade(1, 10, 5));
    market.retract("s1");
    expect(market.snapshot(START)).toBeNull();
    expect(market.apply(trade(1, 13, 5))).toBe(true);
    expect(market.apply(trade(1, 13, 5))).toBe(false);
    expect(market.snapshot(START)).toMatchObject({ trades_24h: 1 });
  });

  it("counts a trade once that a fork moved behind what is settled", () => {
    const market = new CoinMarket(TOKEN);
    market.apply(trade(1, 10, 5));
    market.settle(11);
    expect(market.apply(trade(1, 13, 5))).toBe(false);
    const next = new CoinMarket(TOKEN, market.save());
    expect(next.apply(trade(1, 13, 5))).toBe(false);
    expect(next.snapshot(START)).toMatchObject({ trades_24h: 1, volume_24h: "5" });
    expect(next.retract("s1")).toBe(true);
    expect(next.apply(trade(1, 13, 5))).toBe(true);
  });

  it("knows a trade where a fork moved it: it is open until that slot is final, and counts as it was carried out there", () => {
    const market = new CoinMarket(TOKEN);
    market.apply(trade(1, 10, 5));
    market.apply(trade(2, 11, 6));
    market.settle(12);
    expect([market.move("s1", 14), market.move("s1", 14)]).toEqual([true, false]);
    expect(market.snapshot(START)).toMatchObject({ price: "5", trades_24h: 2 });
    market.finalize(12);
    expect(market.tentative.map(({ id, slot }) => [id, slot])).toEqual([["s1:0:TokenPriceUpdate", 14]]);
    expect(market.apply(trade(1, 14, 9))).toBe(false);
    expect(market.snapshot(START)).toMatchObject({ price: "9", high_24h: "9", volume_24h: "15" });
    // An older report of it comes late.
    expect(market.apply(trade(1, 10, 5))).toBe(false);
    expect(market.snapshot(START)).toMatchObject({ price: "9", trades_24h: 2 });
    expect(market.retract("s1")).toBe(true);
    expect(market.snapshot(START)).toMatchObject({ price: "6", trades_24h: 1 });
  });

  it("does not take back what is final", () => {
    const market = new CoinMarket(TOKEN);
    market.apply(trade(1, 10, 5));
    market.apply(trade(2, 11, 6));
    market.finalize(10);
    expect(market.retract("s1")).toBe(false);
    expect(market.tentative).toHaveLength(1);
    market.finalize(11);
    expect(market.tentative).toEqual([]);
  });

  it("is what the surviving trades make it, whatever is taken back, settled, made final or saved in between", () => {
    const step = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({
          do: fc.constant("trade" as const),
          price: fc.integer({ min: 1, max: 9 }),
          minutes: fc.nat(5),
        }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("again" as const), which: fc.nat() }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant("retract" as const), which: fc.nat() }) },
      {
        weight: 2,
        arbitrary: fc.record({ do: fc.constant("move" as const), which: fc.nat(), told: fc.boolean() }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("finalize" as const), lag: fc.nat(6) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("settle" as const), lag: fc.nat(3) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("restart" as const) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let market = new CoinMarket(TOKEN);
        const answers: boolean[] = [];
        let alive: Operation[] = [];
        let slot = 0;
        let finalized = -1;
        for (const action of steps) {
          if (action.do === "trade") {
            slot += 1;
            const operation = trade(slot, slot, action.price, action.minutes);
            alive.push(operation);
            answers.push(market.apply(operation));
          } else if (action.do === "again") {
            const known = alive[action.which % Math.max(1, alive.length)];
            if (known !== undefined) answers.push(!market.apply(known));
          } else if (action.do === "retract") {
            const open = alive.filter((operation) => operation.slot > finalized);
            const gone = open[action.which % Math.max(1, open.length)];
            if (gone === undefined) continue;
            answers.push(market.retract(gone.signature));
            alive = alive.filter((operation) => operation !== gone);
          } else if (action.do === "move") {
            const open = alive.filter((operation) => operation.slot > finalized);
            const before = open[action.which % Math.max(1, open.length)];
            if (before === undefined) continue;
            slot += 1;
            const after = { ...before, slot };
            // Finality tells it sooner or later than the report of where it landed again.
            if (action.told) answers.push(market.move(after.signature, slot));
            answers.push(!market.apply(after));
            alive = alive.map((operation) => (operation === before ? after : operation));
          } else if (action.do === "finalize") {
            finalized = Math.max(finalized, slot - action.lag);
            market.finalize(finalized);
          } else if (action.do === "settle") market.settle(slot - action.lag);
          else
            market = new CoinMarket(TOKEN, decodeMarketState(encodeMarketState(market.save())) ?? undefined);
        }
        expect(market.snapshot(START + 3_600)).toEqual(only(alive));
        expect(answers).not.toContain(false);
      }),
      { numRuns: 500 },
    );
  });
});
