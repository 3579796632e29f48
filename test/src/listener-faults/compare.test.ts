import { describe, expect, it } from "vitest";
import type { TransactionFacts } from "./chain-facts.ts";
import { compare, type Comparison } from "./compare.ts";
import type { Recorded } from "./recording.ts";

const MINT = "mint";
const bought = (signature: string, slot: number, index: number): TransactionFacts => ({
  signature,
  landings: [{ slot, index, failed: false, lost: false }],
  relevant: true,
  calls: [{ name: "buy", mint: MINT, amount: 1_000_000n, lamports: BigInt(slot) * 1_000_000_000n }],
});
const CHAIN = [bought("a", 1, 0), bought("b", 1, 1), bought("c", 2, 0)];

type Said = Omit<Recorded, "epoch" | "offset">;
const numbered = (said: readonly Said[]): readonly Recorded[] =>
  said.map((each, index) => ({ ...each, epoch: "e", offset: index + 1 }));
const status = (signature: string, status: string, more: object = {}): Said => ({
  id: `${signature}:${status}`,
  type: "TransactionUpdate",
  data: { transaction_id: signature, status, error: null, origin: "live", ...more },
});
const priced = (signature: string): Said => ({
  id: `${signature}:0:TokenPriceUpdate`,
  type: "TokenPriceUpdate",
  data: { token_id: MINT },
});
const market = (signature: string, trades: number, volume: number, price: number): Said => ({
  id: `${signature}:0:MarketData`,
  type: "MarketData",
  data: {
    token_id: MINT,
    trades_24h: trades,
    volume_24h: `${volume}`,
    price: `${price}`,
    high_24h: `${price}`,
    low_24h: "1",
  },
});

const SOUND = {
  transactions: ["a", "b", "c"].flatMap((each) => [status(each, "confirmed"), status(each, "finalized")]),
  token_updates: ["a", "b", "c"].map(priced),
  market_data: [market("a", 1, 1, 1), market("b", 2, 2, 1), market("c", 3, 4, 2)],
};
const told = (change: Partial<Record<keyof typeof SOUND, readonly Said[]>>, chain = CHAIN): Comparison =>
  compare(
    chain,
    new Map(Object.entries({ ...SOUND, ...change }).map(([topic, said]) => [topic, numbered(said)])),
  );

/** How much is wrong, of each kind of which anything is. */
const wrong = (comparison: Comparison) =>
  Object.fromEntries(
    Object.entries(comparison).flatMap(([kind, list]: [string, unknown]) =>
      Array.isArray(list) && list.length > 0 ? [[kind, list.length]] : [],
    ),
  );
const without = (list: readonly Said[], id: string): readonly Said[] => list.filter((each) => each.id !== id);

describe("comparison of what was published with what happened", () => {
  it("finds nothing wrong where everything was told once and in order", () => {
    expect(wrong(told({}))).toEqual({});
    expect(told({})).toMatchObject({
      expected: 12,
      published: 12,
      origins: { live: 3, backfill: 0, audit: 0 },
    });
  });

  it("misses what was not told", () => {
    expect(wrong(told({ transactions: without(SOUND.transactions, "b:confirmed") }))).toEqual({ missing: 1 });
    expect(wrong(told({ transactions: without(SOUND.transactions, "b:finalized") }))).toEqual({ missing: 1 });
    expect(wrong(told({ token_updates: without(SOUND.token_updates, "a:0:TokenPriceUpdate") }))).toEqual({
      missing: 1,
    });
  });

  it("sees what was told twice, and what never happened", () => {
    const [first] = SOUND.token_updates;
    const twice = first === undefined ? [] : [...SOUND.token_updates, first];
    expect(wrong(told({ token_updates: twice }))).toEqual({ duplicated: 1, unexpected: 1, outOfOrder: 1 });
    const ghost = [...SOUND.transactions, status("x", "confirmed")];
    expect(wrong(told({ transactions: ghost }))).toEqual({ unexpected: 1 });
    const failed = [...SOUND.transactions, status("a", "failed")];
    expect(wrong(told({ transactions: failed }))).toMatchObject({ unexpected: 1 });
  });

  it("sees events of one transaction that stand in another order than what it did, by their numbers", () => {
    const calls = ["first", "second"].map((mint) => ({
      name: "buy" as const,
      mint,
      amount: 1n,
      lamports: 1n,
    }));
    const chain = [{ ...bought("a", 1, 0), calls }];
    const order = (...mints: readonly string[]) => {
      const said = mints.map((mint, n) => ({
        id: `a:${n}:TokenPriceUpdate`,
        type: "TokenPriceUpdate" as const,
        data: { token_id: mint },
      }));
      const { outOfOrder, unexpected } = compare(chain, new Map([["token_updates", numbered(said)]]));
      expect(unexpected).toEqual([]);
      return outOfOrder;
    };
    expect(order("first", "second")).toEqual([]);
    expect(order("second", "first")).toEqual([expect.stringContaining("instead of")]);
  });

  it("sees live events behind later ones, and allows that for what was found late", () => {
    const swapped = (origin: string) => [
      ...["a", "c"].map((each) => status(each, "confirmed")),
      status("b", "confirmed", { origin }),
      ...["a", "b", "c"].map((each) => status(each, "finalized")),
    ];
    expect(wrong(told({ transactions: swapped("live") }))).toEqual({ outOfOrder: 1 });
    expect(wrong(told({ transactions: swapped("audit") }))).toEqual({});
    const corrected = (id: string) => [...SOUND.market_data, { ...market("a", 3, 4, 2), id }];
    expect(wrong(told({ market_data: corrected("a:0:MarketData:dropped") }))).toEqual({});
    expect(wrong(told({ market_data: corrected("a:0:MarketData:dropped:1") }))).toEqual({});
  });

  it("wants an end of what a fork took, and of nothing else", () => {
    const lost = CHAIN.map((each) =>
      each.signature === "c"
        ? { ...each, landings: each.landings.map((at) => ({ ...at, lost: true })), calls: [] }
        : each,
    );
    const markets = [...SOUND.market_data, { ...market("c", 2, 2, 1), id: "c:0:MarketData:dropped" }];
    const open = { transactions: without(SOUND.transactions, "c:finalized"), market_data: markets };
    expect(wrong(told(open, lost))).toEqual({ missing: 1 });
    const ended = [...open.transactions, status("c", "failed", { error: "dropped" })];
    expect(wrong(told({ ...open, transactions: ended }, lost))).toEqual({});
    expect(wrong(told({ market_data: markets }, lost))).toEqual({ unexpected: 1 });
  });

  it("adds the markets up itself", () => {
    const miscounted = [...SOUND.market_data.slice(0, 2), market("c", 4, 4, 2)];
    expect(wrong(told({ market_data: miscounted }))).toEqual({ wrongMarkets: 1 });
  });

  it("sees holes between offsets, and new epochs", () => {
    const offsets = (list: readonly Recorded[]) => wrong(compare([], new Map([["market_data", list]]))).holes;
    const [one, two, three] = numbered(SOUND.market_data);
    if (one === undefined || two === undefined || three === undefined)
      throw new Error("Three were published.");
    expect(offsets([one, two, three])).toBeUndefined();
    expect(offsets([one, three])).toBe(1);
    expect(offsets([one, { ...two, epoch: "f", offset: 1 }])).toBe(1);
  });
});
