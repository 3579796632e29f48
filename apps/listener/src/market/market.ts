import type { MarketData } from "@commcoin/protocol";
import type { DecodedTransaction } from "../decode/decoded-transaction.ts";
import { COIN_DECIMALS, COIN_SUPPLY } from "../decode/programs/commcoin.ts";
import { instructionEventId } from "../events/event-id.ts";
import { CoinMarket } from "./coin-market.ts";
import { countedTransactions, type CountedTransaction } from "./counted-transaction.ts";
import type { SavedMarket } from "./token-market-state.ts";

/**
 * Most tokens that are kept. Beyond it, the token that was not touched for longest is forgotten: a token without
 * trades takes about half a kilobyte.
 */
const MAX_TOKENS = 200_000;
/** What nearly every transaction does to markets. */
const NO_MARKETS: ReadonlyMap<number, MarketData> = new Map();

/** The 24-hour markets of all coins. */
export interface Market {
  /**
   * Counts what a transaction created and traded; calling it again with the same transaction counts nothing twice.
   * @param time Unix seconds, for transactions whose block time is not known.
   * @param index place in the block; null when it is not known.
   * @returns the market after each trade that has a price, by the trade's place in `instructions`.
   */
  apply(
    transaction: DecodedTransaction,
    time: number,
    index?: number | null,
  ): ReadonlyMap<number, MarketData>;
  /**
   * Takes back what a transaction did, as if it had never been. An earlier publisher may have told what it did to a
   * market that does not hold it.
   * @returns the markets that it concerned, as they are without it, by the place of its last trade in each.
   */
  retract(
    transaction: Pick<CountedTransaction, "signature" | "creates" | "trades">,
    time: number,
  ): ReadonlyMap<number, MarketData>;
  /** A fork moved a transaction to the slot that it has now. Until it is applied as it is there, it counts as it was. */
  move(transaction: CountedTransaction): void;
  /** Every transaction that can be taken back. */
  tentative(): readonly CountedTransaction[];
  /** Tells that nothing up to and including this slot will be taken back. */
  finalize(slot: number): void;
  /** The market of a token at `now` (Unix seconds, of the chain); null when no price of it is known. */
  snapshot(mint: string, now: number): MarketData | null;
  /**
   * Tells that every transaction up to and including this slot was applied: their ids need not be remembered, and
   * their trades are taken as counted when they come again.
   */
  settle(slot: number): void;
  /** Every token that is kept. */
  mints(): Iterable<string>;
  /** Number of tokens that are kept. */
  readonly size: number;
  /** The tokens that changed since this was asked last. */
  changes(): ReadonlySet<string>;
  /** What a later process needs to go on with a token. Save markets before a watermark that was settled. */
  save(mint: string): SavedMarket | null;
  restore(mint: string, state: SavedMarket): void;
}

const withoutTrades = (market: MarketData): MarketData => ({
  ...market,
  change_24h: null,
  volume_24h: "0",
  high_24h: market.price,
  low_24h: market.price,
  trades_24h: 0,
});

export function createMarket(): Market {
  const tokens = new Map<string, CoinMarket>();
  const tentative = new Set<string>();
  let changed = new Set<string>();
  let settledSlot = -1;

  const keep = (mint: string, token: CoinMarket): CoinMarket => {
    tokens.delete(mint);
    tokens.set(mint, token);
    if (tokens.size > MAX_TOKENS) {
      for (const untouched of tokens.keys()) {
        tokens.delete(untouched);
        tentative.delete(untouched);
        changed.add(untouched);
        break;
      }
    }
    return token;
  };
  const newToken = (mint: string, state?: SavedMarket): CoinMarket =>
    new CoinMarket({ mint, supply: COIN_SUPPLY, decimals: COIN_DECIMALS }, state);
  const touch = (mint: string): CoinMarket => {
    const token = tokens.get(mint) ?? newToken(mint);
    token.settle(settledSlot);
    changed.add(mint);
    tentative.add(mint);
    return keep(mint, token);
  };

  return {
    apply({ signature, slot, blockTime, creates, trades }, time, index = null) {
      for (const { n, mint, initialPrice } of creates) {
        const id = instructionEventId(signature, n, "TokenCreated");
        touch(mint).apply({ signature, id, slot, index, price: initialPrice, trade: null });
      }
      if (trades.length === 0) return NO_MARKETS;
      const markets = new Map<number, MarketData>();
      for (const { n, mint, price, solLamports } of trades) {
        if (price === null) continue;
        const token = touch(mint);
        const id = instructionEventId(signature, n, "TokenPriceUpdate");
        token.apply({ signature, id, slot, index, price, trade: { time: blockTime ?? time, solLamports } });
        const market = token.snapshot(blockTime ?? time);
        if (market !== null) markets.set(n, market);
      }
      return markets;
    },
    retract({ signature, creates, trades }, time) {
      const places = new Map([...creates, ...trades].map(({ mint, n }) => [mint, n]));
      const markets = new Map<number, MarketData>();
      for (const [mint, n] of places) {
        const token = tokens.get(mint);
        const before = token?.snapshot(time) ?? null;
        if (token?.retract(signature) === true) changed.add(mint);
        // A coin that is gone altogether has no price any more: what was told of it is taken back at the last one.
        const market = token?.snapshot(time) ?? (before && withoutTrades(before));
        if (market !== null) markets.set(n, market);
      }
      return markets;
    },
    move({ signature, slot, creates, trades }) {
      for (const mint of new Set([...creates, ...trades].map((each) => each.mint))) {
        if (tokens.get(mint)?.move(signature, slot) === true) changed.add(mint);
      }
    },
    tentative: () =>
      countedTransactions(
        [...tentative].flatMap((mint) =>
          (tokens.get(mint)?.tentative ?? []).map((operation) => [mint, operation] as const),
        ),
      ),
    finalize(slot) {
      for (const mint of tentative) {
        const token = tokens.get(mint);
        token?.finalize(slot);
        if (token === undefined || token.tentative.length === 0) tentative.delete(mint);
      }
    },
    snapshot: (mint, now) => tokens.get(mint)?.snapshot(now) ?? null,
    settle(slot) {
      settledSlot = Math.max(settledSlot, slot);
    },
    mints: () => tokens.keys(),
    get size() {
      return tokens.size;
    },
    changes() {
      const taken = changed;
      changed = new Set();
      return taken;
    },
    save(mint) {
      const token = tokens.get(mint);
      token?.settle(settledSlot);
      return token?.save() ?? null;
    },
    restore(mint, state) {
      const token = newToken(mint, state);
      if (token.tentative.length > 0) tentative.add(mint);
      keep(mint, token);
    },
  };
}
