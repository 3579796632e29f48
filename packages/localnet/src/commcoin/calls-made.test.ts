import { describe, expect, it } from "vitest";
import { createBench, openTokenAccount } from "../testing/commcoin-bench.ts";
import { commCoinCalls } from "./calls-made.ts";
import { routeInstruction } from "./router.ts";

const BUY = { amount: 5_000_000_000n, maxSolCost: 150_000n };
const SELL = { amount: 2_000_000_000n, maxSolCost: 60_000n };

describe("calls of the CommCoin program", () => {
  it("are told in execution order, those of another program included", async () => {
    const { send, trader, createCoin } = await createBench();
    const { created, mint, buy, sell } = await createCoin();
    expect(commCoinCalls(created)).toEqual([{ name: "create_coin", mint }]);
    const traded = await send(trader, openTokenAccount(trader, mint), routeInstruction(buy(BUY)), sell(SELL));
    expect(commCoinCalls(traded)).toEqual([
      { name: "buy", mint, amount: BUY.amount, lamports: BUY.maxSolCost },
      { name: "sell", mint, amount: SELL.amount, lamports: SELL.maxSolCost },
    ]);
    expect(commCoinCalls(traded, trader.address)).toEqual([]);
  });

  it("are none in a transaction that failed", async () => {
    const { send, trader, createCoin } = await createBench();
    const { mint, sell } = await createCoin();
    const failed = await send(trader, openTokenAccount(trader, mint), sell(SELL));
    expect(failed.meta.err).not.toBeNull();
    expect(commCoinCalls(failed)).toEqual([]);
  });
});
