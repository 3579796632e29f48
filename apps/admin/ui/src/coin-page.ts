import type { EventFrame } from "@commcoin/protocol";

const MAX_PRICES = 1_000;
const MAX_TRADES = 60;

type Transaction = (EventFrame & { readonly type: "TransactionUpdate" })["data"];

export interface Trade extends Transaction {
  /** When it was published, Unix milliseconds. */
  readonly ts: number;
}

/** What a coin's page shows of its topic. */
export interface CoinPage {
  /** Unix seconds and SOL, oldest first. */
  readonly prices: readonly (readonly [at: number, price: number])[];
  /** Newest first, each once, with the status that was heard of last. */
  readonly trades: readonly Trade[];
}

export const emptyPage: CoinPage = { prices: [], trades: [] };

function withTrade(trades: readonly Trade[], trade: Trade): readonly Trade[] {
  const known = trades.findIndex(({ transaction_id }) => transaction_id === trade.transaction_id);
  if (known < 0) return [trade, ...trades].slice(0, MAX_TRADES);
  // It stays where it is: only its status moved.
  return trades.map((before, index) => (index === known ? { ...trade, ts: before.ts } : before));
}

/** Adds what a message of the coin's topic says. */
export function addToPage(page: CoinPage, message: EventFrame): CoinPage {
  if (message.type === "TokenPriceUpdate") {
    const last = page.prices.at(-1)?.[0] ?? 0;
    // The chart needs times that grow.
    const at = Math.max(message.ts / 1_000, last + 0.001);
    return {
      ...page,
      prices: [...page.prices, [at, Number(message.data.price)] as const].slice(-MAX_PRICES),
    };
  }
  if (message.type === "TransactionUpdate")
    return { ...page, trades: withTrade(page.trades, { ...message.data, ts: message.ts }) };
  return page;
}
