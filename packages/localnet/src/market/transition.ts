import type { Action, ActionOf, Leg } from "./action.ts";
import { afterTrade } from "./curve.ts";
import { type Coin, type MarketState, newCoin, raisedLamports } from "./state.ts";

/** More than any transaction of the market pays for fees and a token account. */
const FEE_ESTIMATE = 3_000_000n;
/** More than a new coin costs its creator: rents, and Metaplex' fee. */
const CREATION_ESTIMATE = 35_000_000n;

const pay = (state: MarketState, wallet: number, lamports: bigint): MarketState => ({
  ...state,
  wallets: state.wallets.map((balance, index) => (index === wallet ? balance - lamports : balance)),
});

const changeCoin = (state: MarketState, number: number, change: (coin: Coin) => Coin): MarketState => ({
  ...state,
  coins: state.coins.map((coin) => (coin.number === number ? change(coin) : coin)),
});

const move = (
  holders: ReadonlyMap<number, bigint>,
  from: number,
  to: number,
  amount: bigint,
): ReadonlyMap<number, bigint> => {
  const moved = new Map(holders);
  moved.set(from, (moved.get(from) ?? 0n) - amount);
  moved.set(to, (moved.get(to) ?? 0n) + amount);
  return moved;
};

const trade = (state: MarketState, trader: number, leg: Leg): MarketState =>
  pay(
    changeCoin(state, leg.coin, (coin) => afterTrade(coin, leg.side, trader, leg)),
    trader,
    leg.side === "buy" ? leg.lamports : -leg.lamports,
  );

const forgetEmpty = (state: MarketState): MarketState => ({
  ...state,
  coins: state.coins.filter((coin) => !coin.retired || coin.holders.size > 0),
});

/** Drops the oldest retired coins when more of them wait for their holders than are traded. */
const boundRetired = (state: MarketState): MarketState => {
  const retired = state.coins.filter((coin) => coin.retired);
  const surplus = new Set(retired.slice(0, -state.limits.coins));
  return { ...state, coins: state.coins.filter((coin) => !surplus.has(coin)) };
};

/** One coin too many: of the older half, the one that raised least retires. Newcomers get time, winners live on. */
const retire = (state: MarketState): MarketState => {
  const live = state.coins.filter((coin) => !coin.retired);
  if (live.length <= state.limits.coins) return state;
  const weakest = live
    .slice(0, Math.ceil(live.length / 2))
    .reduce((least, coin) => (raisedLamports(coin) < raisedLamports(least) ? coin : least));
  const retired = changeCoin(state, weakest.number, (coin) => ({ ...coin, retired: true, unnamed: null }));
  return boundRetired(forgetEmpty(retired));
};

const create = (state: MarketState, action: ActionOf<"create">): MarketState => {
  const { coin: number, creator, identity } = action;
  const coin = newCoin(number, creator, action.naming === "later" ? identity : null, state.tick);
  const created = pay(
    { ...state, coins: [...state.coins, coin], coinsCreated: number, lastCoinAt: state.tick },
    creator,
    CREATION_ESTIMATE,
  );
  const bought =
    action.firstBuy === null
      ? created
      : trade(created, creator, { side: "buy", coin: number, ...action.firstBuy });
  return retire(bought);
};

const exit = (state: MarketState, action: ActionOf<"exit">): MarketState => {
  const sold = trade(state, action.trader, { side: "sell", coin: action.coin, ...action.quote });
  return forgetEmpty(
    changeCoin(sold, action.coin, (coin) => ({
      ...coin,
      holders: new Map([...coin.holders].filter(([holder]) => holder !== action.trader)),
    })),
  );
};

const HANDLERS: {
  readonly [Kind in Action["kind"]]: (state: MarketState, action: ActionOf<Kind>) => MarketState;
} = {
  fund: (state, { trader, lamports }) => pay(state, trader, -lamports),
  create,
  exit,
  name: (state, { coin, creator }) =>
    pay(
      changeCoin(state, coin, (named) => ({ ...named, unnamed: null })),
      creator,
      CREATION_ESTIMATE,
    ),
  trade: (state, { legs, trader }) =>
    pay(
      legs.reduce((traded, leg) => trade(traded, trader, leg), state),
      trader,
      FEE_ESTIMATE,
    ),
  oversell: (state, { trader }) => pay(state, trader, FEE_ESTIMATE),
  transfer: (state, { coin, from, to, amount }) =>
    pay(
      changeCoin(state, coin, (moved) => ({ ...moved, holders: move(moved.holders, from, to, amount) })),
      from,
      FEE_ESTIMATE,
    ),
  burn: (state, { coin, owner, amount }) =>
    pay(
      changeCoin(state, coin, (burnt) => ({
        ...burnt,
        holders: new Map(burnt.holders).set(owner, (burnt.holders.get(owner) ?? 0n) - amount),
      })),
      owner,
      FEE_ESTIMATE,
    ),
  create_extended: (state, { token, creator, supply }) =>
    pay(
      {
        ...state,
        extendedTokens: [
          ...state.extendedTokens,
          { number: token, holders: new Map([[creator, supply]]) },
        ].slice(-state.limits.extendedTokens),
        extendedTokensCreated: token,
      },
      creator,
      CREATION_ESTIMATE,
    ),
  transfer_extended: (state, { token, from, to, amount }) =>
    pay(
      {
        ...state,
        extendedTokens: state.extendedTokens.map((each) =>
          each.number === token ? { ...each, holders: move(each.holders, from, to, amount) } : each,
        ),
      },
      from,
      FEE_ESTIMATE,
    ),
};

/** The market after an action's transaction was accepted. */
export const afterAction = (state: MarketState, action: Action): MarketState => {
  // The handler is the one of the action's kind, which types cannot follow through the look-up.
  const perform = HANDLERS[action.kind] as (state: MarketState, action: Action) => MarketState;
  return { ...perform(state, action), tick: state.tick + (action.kind === "fund" ? 0 : 1) };
};
