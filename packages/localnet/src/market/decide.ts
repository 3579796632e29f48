import type { Action, Decision } from "./action.ts";
import { live } from "./choose.ts";
import { quoteSell } from "./curve.ts";
import {
  decideBurn,
  decideCreate,
  decideCreateExtended,
  decideExtendedTransfer,
  decideTransfer,
} from "./decide-token.ts";
import { decideBuy, decideByMood, decideMultiple, decideOversell, decideSell } from "./decide-trade.ts";
import type { Random } from "../random.ts";
import { LAMPORTS_PER_SOL, type MarketState } from "./state.ts";

/** A wallet is filled up to the one below the other, which pays for any transaction of the market. */
const FULL_WALLET = 100n * LAMPORTS_PER_SOL;
const LOW_WALLET = 5n * LAMPORTS_PER_SOL;

/** Of the transactions while a coin retires, this part is its holders leaving. */
const EXIT_SHARE = 0.5;

const MOVES = {
  create: decideCreate,
  buy: decideBuy,
  sell: decideSell,
  trade: (state, random) => decideByMood(state, random, false),
  routed: (state, random) => decideByMood(state, random, true),
  multiple: decideMultiple,
  transfer: decideTransfer,
  burn: decideBurn,
  oversell: decideOversell,
  create_extended: decideCreateExtended,
  transfer_extended: decideExtendedTransfer,
} satisfies Record<string, (state: MarketState, random: Random) => Action | null>;

type Move = keyof typeof MOVES;

/** The first transactions: whoever starts a node sees everything happen within seconds. */
const OPENING: readonly Move[] = [
  "create",
  "buy",
  "buy",
  "sell",
  "create",
  "trade",
  "buy",
  "transfer",
  "routed",
  "multiple",
  "create_extended",
  "transfer_extended",
  "burn",
  "oversell",
];

/** How often each move is made later on, relative to the others; coins are created on schedule. */
const HABITS: readonly (readonly [move: Move, weight: number])[] = [
  ["trade", 67],
  ["routed", 10],
  ["transfer", 9],
  ["multiple", 7],
  ["transfer_extended", 3],
  ["oversell", 2],
  ["burn", 1.5],
  ["create_extended", 0.3],
];

const decideExit = (state: MarketState, random: Random): Action | null => {
  const leaving = state.coins
    .filter((coin) => coin.retired)
    .flatMap((coin) => [...coin.holders].map(([trader, amount]) => ({ coin, trader, amount })));
  if (leaving.length === 0) return null;
  const { coin, trader, amount } = random.pick(leaving);
  return { kind: "exit", coin: coin.number, trader, quote: quoteSell(coin, amount) };
};

const nextMove = (state: MarketState, random: Random): Move => {
  const opening = OPENING[state.tick];
  if (opening !== undefined) return opening;
  if (state.tick - state.lastCoinAt >= state.limits.coinInterval) return "create";
  return random.weighted(HABITS, ([, weight]) => weight)[0];
};

const decideAction = (state: MarketState, random: Random): Action => {
  const poor = state.wallets.findIndex((balance) => balance < LOW_WALLET);
  if (poor !== -1) {
    return { kind: "fund", trader: poor, lamports: FULL_WALLET - (state.wallets[poor] ?? 0n) };
  }
  const nameless = live(state).find((coin) => coin.unnamed !== null);
  if (nameless?.unnamed) {
    return {
      kind: "name",
      coin: nameless.number,
      creator: nameless.creator,
      identity: nameless.unnamed,
    };
  }
  const exit = random.chance(EXIT_SHARE) ? decideExit(state, random) : null;
  return (
    exit ??
    MOVES[nextMove(state, random)](state, random) ??
    decideByMood(state, random, false) ??
    decideCreate(state, random)
  );
};

/** What happens next in the market: a function of its state and of `random` alone. */
export const decide = (state: MarketState, random: Random): Decision => ({
  action: decideAction(state, random),
  version: random.chance(0.15) ? 0 : "legacy",
  priorityFee: random.chance(0.2) ? random.integer(1_000, 50_000) : null,
});
