import type { MarketData } from "@commcoin/protocol";
import type { DecodedTransaction } from "../decode/decoded-transaction.ts";
import { COIN_DECIMALS, COIN_SUPPLY } from "../decode/programs/commcoin.ts";
import { instructionEventId } from "../events/event-id.ts";
import { TokenMarket } from "./token-market.ts";
import type { TokenMarketState } from "./token-market-state.ts";

/**
 * Most tokens that are kept. Beyond it, the token that was not touched for longest is forgotten: a token without
 * trades takes about half a kilobyte.
 */
const MAX_TOKENS = 200_000;

/** The 24-hour markets of all coins. */
export interface Market {
  /**
   * Counts what a transaction created and traded; calling it again with the same transaction counts nothing twice.
   * @param time Unix seconds, for transactions whose block time is not known.
   * @returns the market after each trade that has a price, by the trade's place in `instructions`.
   */
  apply(transaction: DecodedTransaction, time: number): ReadonlyMap<number, MarketData>;
  /** The market of a token at `now` (Unix seconds, of the chain); null when no price of it is known. */
  snapshot(mint: string, now: number): MarketData | null;
  /**
   * Tells that every transaction up to and including this slot was applied: their ids need not be remembered, and
   * their trades are taken as counted when they come again.
   */
  settle(slot: number): void;
  /** What a later process needs to go on with a token. Save markets before a watermark that was settled. */
  save(mint: string): TokenMarketState | null;
  restore(mint: string, state: TokenMarketState): void;
}

export function createMarket(): Market {
  const tokens = new Map<string, TokenMarket>();
  let settledSlot = -1;

  const keep = (mint: string, token: TokenMarket): TokenMarket => {
    tokens.delete(mint);
    tokens.set(mint, token);
    if (tokens.size > MAX_TOKENS) {
      for (const untouched of tokens.keys()) {
        tokens.delete(untouched);
        break;
      }
    }
    return token;
  };
  const touch = (mint: string): TokenMarket => {
    const token = tokens.get(mint) ?? new TokenMarket({ mint, supply: COIN_SUPPLY, decimals: COIN_DECIMALS });
    token.settle(settledSlot);
    return keep(mint, token);
  };

  return {
    apply({ signature, slot, blockTime, creates, trades }, time) {
      for (const { mint, initialPrice } of creates) touch(mint).seed(initialPrice, slot);
      const markets = new Map<number, MarketData>();
      for (const { n, mint, price, solLamports } of trades) {
        if (price === null) continue;
        const token = touch(mint);
        const id = instructionEventId(signature, n, "TokenPriceUpdate");
        token.applyTrade({ id, slot, time: blockTime ?? time, price, solLamports });
        const market = token.snapshot(blockTime ?? time);
        if (market !== null) markets.set(n, market);
      }
      return markets;
    },
    snapshot: (mint, now) => tokens.get(mint)?.snapshot(now) ?? null,
    settle(slot) {
      settledSlot = Math.max(settledSlot, slot);
    },
    save(mint) {
      const token = tokens.get(mint);
      token?.settle(settledSlot);
      return token?.save() ?? null;
    },
    restore(mint, state) {
      keep(mint, new TokenMarket({ mint, supply: COIN_SUPPLY, decimals: COIN_DECIMALS }, state));
    },
  };
}
