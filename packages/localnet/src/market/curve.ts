import type { Coin } from "./state.ts";

/** Two sides of a trade: base units and lamports. */
export interface Quote {
  readonly amount: bigint;
  readonly lamports: bigint;
}

/** What `lamports` buy. The product of the reserves never shrinks: the curve stays able to buy everything back. */
export const quoteBuy = (coin: Coin, lamports: bigint): Quote => ({
  amount: (coin.virtualTokens * lamports) / (coin.virtualSol + lamports),
  lamports,
});

/** What `amount` sells for, rounded in favour of the curve. */
export const quoteSell = (coin: Coin, amount: bigint): Quote => ({
  amount,
  lamports: (coin.virtualSol * amount) / (coin.virtualTokens + amount),
});

/** The coin after `trader` traded at a quote. */
export const afterTrade = (coin: Coin, side: "buy" | "sell", trader: number, quote: Quote): Coin => {
  const sign = side === "buy" ? 1n : -1n;
  const holders = new Map(coin.holders);
  holders.set(trader, (holders.get(trader) ?? 0n) + sign * quote.amount);
  return {
    ...coin,
    virtualSol: coin.virtualSol + sign * quote.lamports,
    virtualTokens: coin.virtualTokens - sign * quote.amount,
    holders,
  };
};
