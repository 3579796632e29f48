import type { EventFrame } from "@commcoin/protocol";
import { expect, it } from "vitest";
import { addToPage, emptyPage, type CoinPage } from "./coin-page.ts";

const price = (ts: number, price: string): EventFrame =>
  ({ type: "TokenPriceUpdate", ts, data: { price } }) as EventFrame;
const trade = (id: string, status: string, ts = 1): EventFrame =>
  ({ type: "TransactionUpdate", ts, data: { transaction_id: id, status } }) as EventFrame;
const pageOf = (...messages: readonly EventFrame[]): CoinPage => messages.reduce(addToPage, emptyPage);

it("collects prices at times that grow", () => {
  const { prices } = pageOf(price(1_000, "1"), price(1_000, "2"), price(3_000, "3"));
  expect(prices.map(([, value]) => value)).toEqual([1, 2, 3]);
  expect(prices[1]?.[0]).toBeGreaterThan(1);
  expect(prices[2]?.[0]).toBe(3);
});

it("shows each transaction once, newest first, where it first stood", () => {
  const { trades } = pageOf(
    trade("a", "confirmed", 1),
    trade("b", "confirmed", 2),
    trade("a", "finalized", 3),
  );
  expect(trades).toMatchObject([
    { transaction_id: "b", status: "confirmed" },
    { transaction_id: "a", status: "finalized", ts: 1 },
  ]);
});

it("keeps so many of both", () => {
  const many = Array.from({ length: 1_100 }, (_, index) => [
    price(index, "1"),
    trade(String(index), "confirmed"),
  ]);
  const page = pageOf(...many.flat());
  expect([page.prices.length, page.trades.length]).toEqual([1_000, 60]);
  expect(page.trades[0]?.transaction_id).toBe("1099");
});
