import type { TransactionFacts } from "./chain-facts.ts";
import type { Recorded } from "./recording.ts";

interface Market {
  price: number;
  high: number;
  low: number;
  lamports: bigint;
  trades: number;
}

const LAMPORTS_PER_SOL = 1_000_000_000;
/** Lamports for a base unit, of which a token has a million, in SOL. */
const SOL_PER_TOKEN = 1e6 / LAMPORTS_PER_SOL;
/** Prices are published with eighteen digits, and compared as doubles. */
const PRECISION = 1e-12;

const isSame = (a: number, b: number): boolean =>
  Math.abs(a - b) <= PRECISION * Math.max(Math.abs(a), Math.abs(b));

/** Adds up the trades that are on the chain for good, in its order. All of them are of the last 24 hours. */
function addUp(chain: readonly TransactionFacts[]): ReadonlyMap<string, Market> {
  const markets = new Map<string, Market>();
  const landed = chain.flatMap(({ landings, calls }) => {
    const last = landings.at(-1);
    return last === undefined || last.lost || last.failed ? [] : [{ ...last, calls }];
  });
  for (const { calls } of landed.sort((a, b) => a.slot - b.slot || a.index - b.index)) {
    for (const call of calls) {
      if (call.name === "create_coin") continue;
      const price = (Number(call.lamports) / Number(call.amount)) * SOL_PER_TOKEN;
      const market = markets.get(call.mint) ?? { price, high: price, low: price, lamports: 0n, trades: 0 };
      market.price = price;
      market.high = Math.max(market.high, price);
      market.low = Math.min(market.low, price);
      market.lamports += call.lamports;
      market.trades += 1;
      markets.set(call.mint, market);
    }
  }
  return markets;
}

/** Coins whose newest `MarketData` is not what their trades add up to. */
export function compareMarkets(
  chain: readonly TransactionFacts[],
  published: readonly Recorded[],
): readonly string[] {
  const newest = new Map(published.map(({ data }) => [String(data.token_id), data]));
  return [...addUp(chain)].flatMap(([mint, { price, high, low, lamports, trades }]) => {
    const data = newest.get(mint);
    if (data === undefined) return [`${mint}: no market at all`];
    const wrong = [
      ...(data.trades_24h === trades ? [] : [`${String(data.trades_24h)} trades instead of ${trades}`]),
      ...(Math.round(Number(data.volume_24h) * LAMPORTS_PER_SOL) === Number(lamports)
        ? []
        : [`volume ${String(data.volume_24h)} instead of ${Number(lamports) / LAMPORTS_PER_SOL}`]),
      ...(
        [
          ["price", price],
          ["high_24h", high],
          ["low_24h", low],
        ] as const
      ).flatMap(([field, value]) =>
        isSame(Number(data[field]), value) ? [] : [`${field} ${String(data[field])} instead of ${value}`],
      ),
    ];
    return wrong.length === 0 ? [] : [`${mint}: ${wrong.join(", ")}`];
  });
}
