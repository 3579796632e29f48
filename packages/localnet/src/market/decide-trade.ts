import type { Action, Leg } from "./action.ts";
import { attractive, buyersOf, everyone, fraction, held, live, owned } from "./choose.ts";
import { quoteBuy, quoteSell } from "./curve.ts";
import type { Random } from "../random.ts";
import { type Coin, LAMPORTS_PER_SOL, type MarketState, raisedLamports } from "./state.ts";

/** A purchase: a quarter of a SOL in the middle, and never more than this, so that no trade jumps the price. */
const LARGEST_BUY_SOL = 1.5;
const MEDIAN_BUY_SOL = 0.25;

/** Where a coin's ascent ends: beyond, more sell than buy. */
const SATURATION_LAMPORTS = 60n * LAMPORTS_PER_SOL;

/**
 * Whether a coin's crowd is in a buying mood, 0 to 1: a wave of its own length for every coin, dampened the closer
 * the coin is to saturation.
 */
const buyingMood = (coin: Coin, tick: number): number => {
  const wave = Math.sin((tick - coin.createdAt) / (35 + (coin.number % 7) * 11) + 0.6);
  const saturation = Number(raisedLamports(coin)) / Number(SATURATION_LAMPORTS);
  return Math.min(0.95, Math.max(0.05, 0.56 + 0.3 * wave - 0.3 * saturation));
};

/** A purchase of a size that traders like; no wallet is ever too empty for it. */
export const buyLeg = (random: Random, coin: Coin): Leg => {
  const sol = Math.min(LARGEST_BUY_SOL, MEDIAN_BUY_SOL * Math.exp(random.normal()));
  return { side: "buy", coin: coin.number, ...quoteBuy(coin, BigInt(Math.ceil(sol * 1e9))) };
};

const sellLeg = (random: Random, coin: Coin, amount: bigint): Leg => ({
  side: "sell",
  coin: coin.number,
  ...quoteSell(coin, random.chance(0.1) ? amount : fraction(amount, 0.05 + 0.35 * random.next())),
});

const buyOf = (state: MarketState, random: Random, coin: Coin, routed: boolean): Action => ({
  kind: "trade",
  trader: random.pick(buyersOf(state, coin)),
  legs: [buyLeg(random, coin)],
  routed,
});

const sellOf = (random: Random, coin: Coin, routed: boolean): Action | null => {
  const holders = owned(coin.holders);
  if (holders.length === 0) return null;
  const [trader, amount] = random.pick(holders);
  return { kind: "trade", trader, legs: [sellLeg(random, coin, amount)], routed };
};

export const decideBuy = (state: MarketState, random: Random): Action | null => {
  const coin = attractive(state, random, live(state));
  return coin === null ? null : buyOf(state, random, coin, false);
};

export const decideSell = (state: MarketState, random: Random): Action | null => {
  const coin = attractive(state, random, held(state));
  return coin === null ? null : sellOf(random, coin, false);
};

/** A trade in the direction of a coin's mood. */
export const decideByMood = (state: MarketState, random: Random, routed: boolean): Action | null => {
  const coin = attractive(state, random, live(state));
  if (coin === null) return null;
  const sale = random.chance(buyingMood(coin, state.tick)) ? null : sellOf(random, coin, routed);
  return sale ?? buyOf(state, random, coin, routed);
};

/** One trader, two or three coins: something is sold, if he has anything, and the others are bought. */
export const decideMultiple = (state: MarketState, random: Random): Action | null => {
  const trader = random.pick(everyone(state));
  const open = random.shuffled(live(state).filter((coin) => buyersOf(state, coin).includes(trader)));
  const legs = open.slice(0, random.integer(2, 3)).map((coin, index) => {
    const amount = coin.holders.get(trader) ?? 0n;
    return index === 0 && amount > 0n ? sellLeg(random, coin, amount) : buyLeg(random, coin);
  });
  return legs.length < 2 ? null : { kind: "trade", trader, legs, routed: false };
};

/** Sells more than is owned. */
export const decideOversell = (state: MarketState, random: Random): Action | null => {
  const coin = attractive(state, random, held(state));
  if (coin === null) return null;
  const [trader, amount] = random.pick([...coin.holders]);
  const tooMuch = amount + BigInt(random.integer(1, 1_000_000_000));
  return { kind: "oversell", coin: coin.number, trader, quote: quoteSell(coin, tooMuch) };
};
