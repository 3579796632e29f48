import { useMemo } from "react";
import type { MarketData, NoticeOf, TokenCreated, TransactionUpdate } from "../index.ts";
import { useTopicSnapshot } from "./use-topic.ts";

/** The latest values of one coin; null until there is one. */
export interface TokenValues {
  /** SOL per token, a decimal number. */
  readonly price: string | null;
  /** Of the last 24 hours. */
  readonly market: MarketData | null;
  readonly transaction: TransactionUpdate | null;
  /** Only while its creation is among the newest messages of the coin. */
  readonly created: TokenCreated | null;
  /** Why the server does not give the topic of the coin. */
  readonly error: NoticeOf<"error"> | null;
}

/** @param mint null for none. */
export function useToken(mint: string | null): TokenValues {
  const { latest, error } = useTopicSnapshot(mint === null ? null : `token:${mint}`);
  return useMemo(() => {
    const { MarketData: market, TokenPriceUpdate: trade, TransactionUpdate, TokenCreated } = latest;
    // The market that a trade makes is published after it.
    const newest = trade !== undefined && (market === undefined || trade.ts > market.ts) ? trade : market;
    return {
      price: newest?.data.price ?? null,
      market: market?.data ?? null,
      transaction: TransactionUpdate?.data ?? null,
      created: TokenCreated?.data ?? null,
      error,
    };
  }, [latest, error]);
}
