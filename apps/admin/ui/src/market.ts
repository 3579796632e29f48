import type { EventFrame } from "@commcoin/protocol";

/** More coins than a person looks at; those that were silent longest are forgotten. */
const MAX_COINS = 5_000;
/** Prices of a sparkline. */
const MAX_PRICES = 48;

export interface Coin {
  readonly mint: string;
  /** Null until its creation was seen. */
  readonly name: string | null;
  readonly symbol: string | null;
  /** Null until its market was seen. */
  readonly market: (EventFrame & { readonly type: "MarketData" })["data"] | null;
  /** Its last prices, oldest first. */
  readonly prices: readonly number[];
}

export type Coins = Map<string, Coin>;

const unknownCoin = (mint: string): Coin => ({ mint, name: null, symbol: null, market: null, prices: [] });

/** Takes what a message says of a coin; messages of other types say nothing. */
export function applyMessage(coins: Coins, message: EventFrame): void {
  if (message.type !== "MarketData" && message.type !== "TokenCreated") return;
  const mint = message.data.token_id;
  const coin = coins.get(mint) ?? unknownCoin(mint);
  // At the end, as the one that was heard of last.
  coins.delete(mint);
  if (message.type === "TokenCreated") {
    coins.set(mint, { ...coin, name: message.data.name, symbol: message.data.symbol });
  } else {
    const prices = [...coin.prices, Number(message.data.price)].slice(-MAX_PRICES);
    coins.set(mint, { ...coin, market: message.data, prices });
  }
  const [oldest] = coins.keys();
  if (coins.size > MAX_COINS && oldest !== undefined) coins.delete(oldest);
}

const COLUMNS = ["name", "price", "change_24h", "volume_24h", "trades_24h", "market_cap"] as const;
export type Column = (typeof COLUMNS)[number];

export interface Sorting {
  readonly column: Column;
  readonly descending: boolean;
}

export const titleOf = ({ symbol, name, mint }: Coin): string => symbol ?? name ?? mint;

/** What is not known stands last, whichever way the others are sorted. */
const valueOf = (coin: Coin, column: Exclude<Column, "name">): number | null => {
  const value = coin.market?.[column] ?? null;
  return value === null ? null : Number(value);
};

function compare(a: Coin, b: Coin, { column, descending }: Sorting): number {
  const sign = descending ? -1 : 1;
  if (column === "name") return sign * titleOf(a).localeCompare(titleOf(b));
  const [left, right] = [valueOf(a, column), valueOf(b, column)];
  if (left === null || right === null) return Number(left === null) - Number(right === null);
  return sign * (left - right) || (a.mint < b.mint ? -1 : 1);
}

/** Coins whose name, symbol or mint contains what is searched for, sorted. */
export function selectCoins(coins: Iterable<Coin>, search: string, sorting: Sorting): readonly Coin[] {
  const wanted = search.trim().toLowerCase();
  return [...coins]
    .filter(({ mint, name, symbol }) =>
      [mint, name ?? "", symbol ?? ""].some((text) => text.toLowerCase().includes(wanted)),
    )
    .sort((a, b) => compare(a, b, sorting));
}
