import type { EventFrame } from "@commcoin/protocol";
import { describe, expect, it } from "vitest";
import { applyMessage, selectCoins, type Coins } from "./market.ts";

const created = (mint: string, symbol: string | null, name: string | null = symbol): EventFrame =>
  ({ type: "TokenCreated", data: { token_id: mint, name, symbol } }) as EventFrame;
const market = (mint: string, price: string, rest: object = {}): EventFrame =>
  ({
    type: "MarketData",
    data: { token_id: mint, price, change_24h: null, volume_24h: "1", ...rest },
  }) as EventFrame;

function coinsOf(...messages: readonly EventFrame[]): Coins {
  const coins: Coins = new Map();
  for (const message of messages) applyMessage(coins, message);
  return coins;
}

describe("coins", () => {
  it("are put together from their creation and their market, whichever comes first", () => {
    const expected = { mint: "m1", symbol: "CAT", name: "Cat", prices: [2], market: { price: "2" } };
    expect(coinsOf(created("m1", "CAT", "Cat"), market("m1", "2")).get("m1")).toMatchObject(expected);
    expect(coinsOf(market("m1", "2"), created("m1", "CAT", "Cat")).get("m1")).toMatchObject(expected);
  });

  it("keep their last prices", () => {
    const coins = coinsOf(...Array.from({ length: 60 }, (_, index) => market("m1", String(index))));
    expect(coins.get("m1")?.prices).toEqual(Array.from({ length: 48 }, (_, index) => index + 12));
  });

  it("are forgotten where there are too many, the silent ones first", () => {
    const coins = coinsOf(...Array.from({ length: 5_000 }, (_, index) => market(`m${index}`, "1")));
    applyMessage(coins, market("m0", "2"));
    applyMessage(coins, market("new", "1"));
    expect(coins.size).toBe(5_000);
    expect([coins.has("m0"), coins.has("m1"), coins.has("new")]).toEqual([true, false, true]);
  });
});

describe("the list", () => {
  const coins = coinsOf(
    created("aa", "CAT"),
    market("aa", "0.9", { change_24h: "-5", trades_24h: 9 }),
    created("bb", "DOG"),
    market("bb", "10", { change_24h: null, trades_24h: 10 }),
    market("cc", "9", { change_24h: "7", trades_24h: 11 }),
  );
  const order = (column: "price" | "change_24h" | "name", descending: boolean): readonly string[] =>
    selectCoins(coins.values(), "", { column, descending }).map(({ mint }) => mint);

  it("is sorted by numbers, not by their text", () => {
    expect(order("price", false)).toEqual(["aa", "cc", "bb"]);
    expect(order("price", true)).toEqual(["bb", "cc", "aa"]);
  });

  it("has what is not known last, both ways", () => {
    expect(order("change_24h", false)).toEqual(["aa", "cc", "bb"]);
    expect(order("change_24h", true)).toEqual(["cc", "aa", "bb"]);
  });

  it("is searched by name, symbol and mint", () => {
    const found = (search: string): readonly string[] =>
      selectCoins(coins.values(), search, { column: "name", descending: false }).map(({ mint }) => mint);
    expect(found(" dog ")).toEqual(["bb"]);
    expect(found("cC")).toEqual(["cc"]);
    expect(found("none")).toEqual([]);
  });
});
