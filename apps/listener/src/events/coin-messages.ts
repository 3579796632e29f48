import { type MarketData, type TokenCreated, tokenTopic, type TokenPriceUpdate } from "@commcoin/protocol";
import { formatUnits } from "../decode/decimal.ts";
import type { DecodedTransaction } from "../decode/decoded-transaction.ts";
import { correctionEventId, instructionEventId, type Landing } from "./event-id.ts";
import type { OutgoingMessage } from "./outgoing.ts";

/** Name, symbol and metadata address of a coin; null where there is none that a person can see. */
export interface CoinNames {
  readonly name: string | null;
  readonly symbol: string | null;
  readonly uri: string | null;
}

/** What was looked up about a transaction's coins. */
export interface CoinKnowledge {
  /** Names that accounts hold, by mint; asked only for mints whose names the transaction did not write. */
  readonly names: ReadonlyMap<string, CoinNames>;
  /** The market after each trade, by the trade's place in `instructions`. */
  readonly markets: ReadonlyMap<number, MarketData>;
  readonly landing?: Landing;
}

/**
 * `MarketData` of coins after what a transaction did to them was taken back.
 * @param markets by the place of the transaction's last instruction for the coin.
 */
export const correctedMarkets = (
  signature: string,
  markets: ReadonlyMap<number, MarketData>,
  landing: Landing,
): readonly OutgoingMessage[] =>
  [...markets].flatMap(([n, data]) =>
    ["market_data", tokenTopic(data.token_id)].map((topic) => ({
      topic,
      id: correctionEventId(signature, n, landing),
      type: "MarketData" as const,
      data,
    })),
  );

/** `TokenCreated` for each coin that came into being; `TokenPriceUpdate` and `MarketData` for each priced trade. */
export function coinMessages(
  { signature, slot, blockTime, creates, trades }: DecodedTransaction,
  { names, markets, landing = null }: CoinKnowledge,
): readonly OutgoingMessage[] {
  const messages: OutgoingMessage[] = [];
  for (const { n, mint, creator, bondingCurve, decimals, supply, metadata } of creates) {
    const { name, symbol, uri } = metadata ?? names.get(mint) ?? { name: null, symbol: null, uri: null };
    const data: TokenCreated = {
      token_id: mint,
      name,
      symbol,
      uri,
      creator,
      bonding_curve: bondingCurve,
      decimals,
      supply: formatUnits(supply, decimals),
      signature,
      slot,
      block_time: blockTime,
    };
    const id = instructionEventId(signature, n, "TokenCreated", landing);
    for (const topic of ["token_updates", tokenTopic(mint)]) {
      messages.push({ topic, id, type: "TokenCreated", data });
    }
  }
  for (const { n, mint, price } of trades) {
    if (price === null) continue;
    const market = markets.get(n);
    const data: TokenPriceUpdate = {
      token_id: mint,
      price,
      change_24h: market?.change_24h ?? null,
      signature,
      slot,
      block_time: blockTime,
    };
    const id = instructionEventId(signature, n, "TokenPriceUpdate", landing);
    for (const topic of ["token_updates", tokenTopic(mint)]) {
      messages.push({ topic, id, type: "TokenPriceUpdate", data });
    }
    if (market === undefined) continue;
    const marketId = instructionEventId(signature, n, "MarketData", landing);
    for (const topic of ["market_data", tokenTopic(mint)]) {
      messages.push({ topic, id: marketId, type: "MarketData", data: market });
    }
  }
  return messages;
}
