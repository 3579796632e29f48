import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { placeOf } from "./place.ts";
import { formatChange, formatPrice, parsePrice } from "./price.ts";
import { type MarketTrade, TokenMarket } from "./token-market.ts";
import { decodeMarketState, encodeMarketState } from "./token-market-state.ts";

const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;
const START = 1_800_000_000;
const TOKEN = { mint: "mint", supply: 10n ** 15n, decimals: 6 };

const createMarket = () => new TokenMarket(TOKEN);

/** A trade `minutes` after the start. */
const trade = (minutes: number, price: string, more: Partial<MarketTrade> = {}): MarketTrade => {
  const time = START + minutes * MINUTE;
  return {
    id: `${minutes}:${price}`,
    slot: time,
    place: time,
    time,
    price,
    solLamports: 1_000_000_000n,
    ...more,
  };
};
const at = (minutes: number): number => START + minutes * MINUTE;

/** What a later process makes of a saved market. */
const throughJson = (market: TokenMarket) =>
  decodeMarketState(encodeMarketState({ base: market.save(), tentative: [], settledSlot: -1 }))?.base;

describe("TokenMarket", () => {
  it("knows nothing before a price is known", () => {
    expect(createMarket().snapshot(START)).toBeNull();
  });

  it("starts with the price of the creation", () => {
    const market = createMarket();
    market.seed("0.000000029916123", START);
    expect(market.snapshot(START)).toEqual({
      token_id: "mint",
      price: "0.000000029916123",
      change_24h: "0",
      volume_24h: "0",
      high_24h: "0.000000029916123",
      low_24h: "0.000000029916123",
      trades_24h: 0,
      market_cap: "29.916123",
    });
  });

  it("sums up the trades of the window", () => {
    const market = createMarket();
    market.seed("1", at(0));
    market.applyTrade(trade(1, "2"));
    market.applyTrade(trade(1, "0.5", { solLamports: 250_000_000n }));
    market.applyTrade(trade(2, "1.5"));
    expect(market.snapshot(at(2))).toMatchObject({
      price: "1.5",
      change_24h: "50",
      volume_24h: "2.25",
      high_24h: "2",
      low_24h: "0.5",
      trades_24h: 3,
      market_cap: "1500000000",
    });
  });

  it("counts a trade once", () => {
    const market = createMarket();
    expect(market.applyTrade(trade(1, "2"))).toBe(true);
    expect(market.applyTrade(trade(1, "2"))).toBe(false);
    expect(market.snapshot(at(1))?.trades_24h).toBe(1);
  });

  it("takes the price of the last trade of a block, whichever came last", () => {
    const market = createMarket();
    const inBlock = (index: number, price: string): MarketTrade =>
      trade(1, price, { slot: 9, place: placeOf(9, index) });
    market.applyTrade(inBlock(4, "7"));
    market.applyTrade(inBlock(2, "5"));
    expect(market.snapshot(at(1))).toMatchObject({ price: "7", change_24h: "40" });
    expect(market.snapshot(at(1_500))).toMatchObject({ price: "7", change_24h: "0" });
    market.applyTrade(trade(1, "8", { slot: 9, place: placeOf(9, null) }));
    expect(market.snapshot(at(1_500))).toMatchObject({ price: "8" });
  });

  it("takes trades up to a settled slot as counted, and no others", () => {
    const market = createMarket();
    market.applyTrade(trade(1, "2"));
    market.settle(at(1));
    expect(market.save().unsettled).toEqual([]);
    expect(market.applyTrade(trade(1, "2"))).toBe(false);
    expect(market.applyTrade(trade(1, "2", { slot: at(1) + 1 }))).toBe(true);
    market.settle(at(0));
    expect(market.save().settledSlot).toBe(at(1));
  });

  it("compares with the last price before the window once there is one", () => {
    const market = createMarket();
    market.seed("1", at(0));
    market.applyTrade(trade(10, "4"));
    market.applyTrade(trade(20, "5"));
    market.applyTrade(trade(30, "8"));
    expect(market.snapshot(at(31))?.change_24h).toBe("700");
    expect(market.snapshot(at(10) + DAY)).toMatchObject({ change_24h: "100", trades_24h: 2, high_24h: "8" });
    expect(market.snapshot(at(29) + DAY)).toMatchObject({ change_24h: "60", low_24h: "8", volume_24h: "1" });
    expect(market.snapshot(at(99) + DAY)).toMatchObject({
      price: "8",
      change_24h: "0",
      high_24h: "8",
      trades_24h: 0,
    });
  });

  it("has no change from a price of 0", () => {
    const market = createMarket();
    market.applyTrade(trade(1, "0"));
    market.applyTrade(trade(2, "3"));
    expect(market.snapshot(at(2))).toMatchObject({ price: "3", change_24h: null, low_24h: "0" });
  });

  it("keeps the newest price when an older trade comes late", () => {
    const market = createMarket();
    market.applyTrade(trade(10, "4"));
    market.applyTrade(trade(5, "2"));
    expect(market.snapshot(at(10))).toMatchObject({ price: "4", change_24h: "100", trades_24h: 2 });
  });

  it("takes a trade from before the window for its start only", () => {
    const market = createMarket();
    market.applyTrade(trade(10, "4"));
    market.snapshot(at(9) + DAY);
    market.applyTrade(trade(5, "2"));
    expect(market.snapshot(at(9) + DAY)).toMatchObject({ change_24h: "100", trades_24h: 1, low_24h: "4" });
  });

  it("keeps the newest price before the window when an older one comes late", () => {
    const market = createMarket();
    market.applyTrade(trade(10, "4"));
    market.snapshot(at(11) + DAY);
    market.applyTrade(trade(5, "2"));
    market.applyTrade(trade(1_500, "8"));
    expect(market.snapshot(at(1_500))).toMatchObject({ price: "8", change_24h: "100", trades_24h: 1 });
  });

  it("goes on from what was saved as if nothing had been", () => {
    const step = fc.record({
      minutes: fc.nat({ max: 4_000 }),
      price: fc.bigInt({ min: 1n, max: 10n ** 22n }),
      lamports: fc.bigInt({ min: 0n, max: 10n ** 12n }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.nat({ max: 30 }), (steps, saveAfter) => {
        const kept = createMarket();
        let saved = createMarket();
        steps.forEach(({ minutes, price, lamports }, index) => {
          if (index === saveAfter) {
            saved = new TokenMarket(TOKEN, throughJson(saved));
          }
          const next = trade(minutes, formatPrice(price), { solLamports: lamports });
          expect(saved.applyTrade(next)).toBe(kept.applyTrade(next));
          expect(saved.snapshot(at(minutes))).toEqual(kept.snapshot(at(minutes)));
        });
      }),
    );
  });

  it("says what a list of all trades says", () => {
    const step = fc.record({
      after: fc.oneof({ weight: 5, arbitrary: fc.nat({ max: 300 }) }, fc.nat({ max: 3_000 })),
      price: fc.bigInt({ min: 1n, max: 1_000n }).map((price) => price * 10n ** 30n),
      lamports: fc.bigInt({ min: 0n, max: 10n ** 12n }),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        const market = createMarket();
        const all: { readonly minutes: number; readonly price: bigint; readonly lamports: bigint }[] = [];
        let minutes = 0;
        steps.forEach(({ after, price, lamports }, index) => {
          minutes += after;
          all.push({ minutes, price, lamports });
          market.applyTrade(trade(minutes, formatPrice(price), { id: String(index), solLamports: lamports }));
          const window = all.filter((past) => past.minutes > minutes - 1_440);
          const before = all.findLast((past) => past.minutes <= minutes - 1_440) ?? all[0];
          const prices = window.map((past) => past.price);
          expect(market.snapshot(at(minutes))).toMatchObject({
            price: formatPrice(price),
            trades_24h: window.length,
            high_24h: formatPrice(prices.reduce((a, b) => (a > b ? a : b))),
            low_24h: formatPrice(prices.reduce((a, b) => (a < b ? a : b))),
            change_24h: formatChange(before?.price ?? 0n, price),
          });
          const volume = window.reduce((sum, past) => sum + past.lamports, 0n);
          expect(parsePrice(market.snapshot(at(minutes))?.volume_24h ?? "")).toBe(volume * 10n ** 31n);
        });
      }),
    );
  });

  it("takes bounded memory: a bucket for each minute, and the newest 20,000 unsettled trades", () => {
    const market = createMarket();
    for (let n = 0; n < 30_000; n++) {
      market.applyTrade(trade(n / 10, "1", { id: String(n) }));
      if (n % 100 === 0) market.snapshot(at(n / 10));
    }
    const { buckets, unsettled } = market.save();
    expect(buckets.length).toBeLessThanOrEqual(1_440 + 10);
    expect(unsettled).toHaveLength(20_000);
    expect(unsettled.at(-1)?.[0]).toBe("29999");
  });
});

describe("formatChange", () => {
  it.each([
    [3n, 4n, "33.3333"],
    [3n, 5n, "66.6667"],
    [4n, 3n, "-25"],
    [3n, 2n, "-33.3333"],
    [1n, 0n, "-100"],
    [0n, 1n, null],
  ])("from %s to %s is %s", (from, to, change) => {
    expect(formatChange(from, to)).toBe(change);
  });
});

describe("decodeMarketState", () => {
  it.each(["", "{", "null", "{}", '{"evictedMinute":0}'])("refuses %j", (text) => {
    expect(decodeMarketState(text)).toBeNull();
  });
});
