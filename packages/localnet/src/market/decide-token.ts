import type { Action } from "./action.ts";
import { attractive, buyersOf, everyone, fraction, held, live, owned } from "./choose.ts";
import { buyLeg } from "./decide-trade.ts";
import { inventIdentity } from "./names.ts";
import type { Random } from "../random.ts";
import { type MarketState, newCoin } from "./state.ts";

/** Base units: a million tokens with nine decimals. */
const EXTENDED_SUPPLY = 1_000_000n * 10n ** 9n;

export const decideCreate = (state: MarketState, random: Random): Action => {
  const creator = random.pick(everyone(state));
  const number = state.coinsCreated + 1;
  const identity = inventIdentity(random);
  const fresh = newCoin(number, creator, null, state.tick);
  const firstBuy = number > 1 && random.chance(0.4) ? buyLeg(random, fresh) : null;
  // The first is named at once and the second later; of the rest, one in eight stays without a name.
  const naming = number <= 2 ? (["inline", "later"] as const)[number - 1] : undefined;
  return {
    kind: "create",
    coin: number,
    creator,
    naming:
      naming ?? random.weighted(["inline", "later", "none"] as const, (each) => (each === "none" ? 1 : 3.5)),
    identity,
    firstBuy: firstBuy === null ? null : { amount: firstBuy.amount, lamports: firstBuy.lamports },
  };
};

export const decideCreateExtended = (state: MarketState, random: Random): Action => ({
  kind: "create_extended",
  token: state.extendedTokensCreated + 1,
  creator: random.pick(everyone(state)),
  identity: inventIdentity(random),
  supply: EXTENDED_SUPPLY,
});

export const decideTransfer = (state: MarketState, random: Random): Action | null => {
  const givers = live(state).flatMap((coin) =>
    owned(coin.holders).map(([from, amount]) => ({ coin, from, amount })),
  );
  if (givers.length === 0) return null;
  const { coin, from, amount } = random.pick(givers);
  const receivers = buyersOf(state, coin).filter((trader) => trader !== from);
  if (receivers.length === 0) return null;
  return {
    kind: "transfer",
    coin: coin.number,
    from,
    to: random.pick(receivers),
    amount: fraction(amount, 0.05 + 0.4 * random.next()),
    checked: random.chance(0.6),
  };
};

export const decideBurn = (state: MarketState, random: Random): Action | null => {
  const coin = attractive(state, random, held(state));
  if (coin === null) return null;
  const [owner, amount] = random.pick(owned(coin.holders));
  return { kind: "burn", coin: coin.number, owner, amount: fraction(amount, 0.02 * random.next() + 0.001) };
};

export const decideExtendedTransfer = (state: MarketState, random: Random): Action | null => {
  const givers = state.extendedTokens.flatMap((token) =>
    owned(token.holders).map(([from, amount]) => ({ token: token.number, from, amount })),
  );
  if (givers.length === 0) return null;
  const { token, from, amount } = random.pick(givers);
  const to = random.pick(everyone(state).filter((trader) => trader !== from));
  return { kind: "transfer_extended", token, from, to, amount: fraction(amount, 0.01 + 0.1 * random.next()) };
};
