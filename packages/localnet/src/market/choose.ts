import type { Random } from "../random.ts";
import { type Coin, LAMPORTS_PER_SOL, type MarketState, raisedLamports } from "./state.ts";

/** Transactions during which a new coin draws more attention than an old one. */
const NOVELTY_TICKS = 60;

/** Coins that are traded. */
export const live = (state: MarketState): Coin[] => state.coins.filter((coin) => !coin.retired);

/** Holders that own something. */
export const owned = (holders: ReadonlyMap<number, bigint>): [holder: number, amount: bigint][] =>
  [...holders].filter(([, amount]) => amount > 0n);

/** Coins that are traded and that somebody owns. */
export const held = (state: MarketState): Coin[] =>
  live(state).filter((coin) => owned(coin.holders).length > 0);

/** What a coin draws attention by: money already in it, and being new. */
const attraction = (state: MarketState, coin: Coin): number =>
  2 +
  Number(raisedLamports(coin) / LAMPORTS_PER_SOL) / 4 +
  (state.tick - coin.createdAt < NOVELTY_TICKS ? 6 : 0);

/** A coin to act on, by attraction; null when there is none. */
export const attractive = (state: MarketState, random: Random, coins: readonly Coin[]): Coin | null =>
  coins.length === 0 ? null : random.weighted(coins, (coin) => attraction(state, coin));

/** A share of an amount, or all of it where the share is less than a base unit. */
export const fraction = (amount: bigint, share: number): bigint => {
  const part = (amount * BigInt(Math.round(share * 10_000))) / 10_000n;
  return part > 0n ? part : amount;
};

export const everyone = (state: MarketState): number[] => state.wallets.map((_, trader) => trader);

/** Who may buy: those who hold the coin already, and anybody as long as there is room in the crowd. */
export const buyersOf = (state: MarketState, coin: Coin): number[] =>
  coin.holders.size < state.limits.crowd ? everyone(state) : [...coin.holders.keys()];
