import type { Action, Leg } from "./action.ts";
import { afterTrade } from "./curve.ts";
import { type Coin, type MarketState, newCoin, raisedLamports } from "./state.ts";

/** More than any transaction of the market pays for fees and a token account. */
const FEE_ESTIMATE = 3_000_000n;
/** More than a new coin costs its creator: rents, and Metaplex' fee. */
export const CREATION_ESTIMATE = 35_000_000n;

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
  const surplus = state.coins.filter((coin) => coin.retired).slice(0, -state.limits.coins);
  return { ...state, coins: state.coins.filter((coin) => !surplus.includes(coin)) };
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

const create = (state: MarketState, action: Extract<Action, { kind: "create" }>): MarketState => {
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

const exit = (state: MarketState, action: Extract<Action, { kind: "exit" }>): MarketState => {
  const sold = trade(state, action.trader, { side: "sell", coin: action.coin, ...action.quote });
  return forgetEmpty(
    changeCoin(sold, action.coin, (coin) => ({
      ...coin,
      holders: new Map([...coin.holders].filter(([holder]) => holder !== action.trader)),
    })),
  );
};

const perform = (state: MarketState, action: Action): MarketState => {
  switch (action.kind) {
    case "fund":
      return pay(state, action.trader, -action.lamports);
    case "create":
      return create(state, action);
    case "name":
      return pay(
        changeCoin(state, action.coin, (coin) => ({ ...coin, unnamed: null })),
        action.creator,
        CREATION_ESTIMATE,
      );
    case "trade":
      return pay(
        action.legs.reduce((traded, leg) => trade(traded, action.trader, leg), state),
        action.trader,
        FEE_ESTIMATE,
      );
    case "transfer":
      return pay(
        changeCoin(state, action.coin, (coin) => ({
          ...coin,
          holders: move(coin.holders, action.from, action.to, action.amount),
        })),
        action.from,
        FEE_ESTIMATE,
      );
    case "burn":
      return changeCoin(state, action.coin, (coin) => ({
        ...coin,
        holders: new Map(coin.holders).set(
          action.owner,
          (coin.holders.get(action.owner) ?? 0n) - action.amount,
        ),
      }));
    case "oversell":
      return pay(state, action.trader, FEE_ESTIMATE);
    case "exit":
      return exit(state, action);
    case "create_extended": {
      const token = { number: action.token, holders: new Map([[action.creator, action.supply]]) };
      return pay(
        {
          ...state,
          extendedTokens: [...state.extendedTokens, token].slice(-state.limits.extendedTokens),
          extendedTokensCreated: action.token,
        },
        action.creator,
        CREATION_ESTIMATE,
      );
    }
    case "transfer_extended":
      return pay(
        {
          ...state,
          extendedTokens: state.extendedTokens.map((token) =>
            token.number === action.token
              ? { ...token, holders: move(token.holders, action.from, action.to, action.amount) }
              : token,
          ),
        },
        action.from,
        FEE_ESTIMATE,
      );
  }
};

/** The market after an action's transaction was accepted. */
export const afterAction = (state: MarketState, action: Action): MarketState => ({
  ...perform(state, action),
  tick: state.tick + (action.kind === "fund" ? 0 : 1),
});
