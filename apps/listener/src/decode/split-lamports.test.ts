import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitLamports, type TradeShare } from "./split-lamports.ts";

const buy = (called: bigint, tokens: bigint): TradeShare => ({ side: "buy", called, tokens });
const sell = (tokens: bigint): TradeShare => ({ side: "sell", called: 0n, tokens });

describe("splitLamports", () => {
  it.each([
    ["one buy costs what the curve gained", [buy(100n, 1n)], 90n, [90n]],
    ["one sell brings what the curve lost", [sell(1n)], -90n, [90n]],
    ["sells share by tokens", [sell(1n), sell(3n)], -100n, [25n, 75n]],
    ["no lamport is lost in rounding", [sell(1n), sell(1n), sell(1n)], -100n, [33n, 33n, 34n]],
    [
      "sells share what buys paid beyond the change",
      [buy(100n, 1n), sell(1n), sell(1n)],
      40n,
      [100n, 30n, 30n],
    ],
    ["buys share when they paid less than they say", [buy(100n, 1n), buy(300n, 1n)], 200n, [50n, 150n]],
    ["buys share when the curve gained more", [buy(100n, 1n), sell(1n)], 150n, [150n, 0n]],
    ["buys without transfers share by tokens", [buy(0n, 1n), buy(0n, 4n)], 50n, [10n, 40n]],
    [
      "buys that show nothing share equally, sells get none of it",
      [buy(0n, 0n), buy(0n, 0n), sell(5n)],
      10n,
      [5n, 5n, 0n],
    ],
    ["trades of no token share equally", [sell(0n), sell(0n)], -10n, [5n, 5n]],
  ])("%s", (_, trades, change, expected) => {
    expect(splitLamports(trades, change)).toEqual(expected);
  });

  it("always adds up when someone can have paid and someone been paid", () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 18n });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(amount, amount), { minLength: 1, maxLength: 9 }),
        amount,
        (pairs, change) => {
          const trades = [...pairs.map(([called, tokens]) => buy(called, tokens)), sell(5n), sell(7n)];
          const shares = splitLamports(trades, change);
          const sum = shares.reduce(
            (total, share, index) => total + (trades[index]?.side === "buy" ? share : -share),
            0n,
          );
          expect(sum).toBe(change);
          expect(shares.every((share) => share >= 0n)).toBe(true);
        },
      ),
    );
  });
});
