import { z } from "zod";
import { address, decimal } from "../scalars.ts";

/** The market of one coin over the last 24 hours. */
export const marketData = z.object({
  token_id: address.describe("Mint of the coin"),
  price: decimal.describe("SOL per token"),
  change_24h: decimal.nullable().describe("Percent against the price 24 hours ago; null when there was none"),
  volume_24h: decimal.describe("SOL traded"),
  high_24h: decimal,
  low_24h: decimal,
  trades_24h: z.int().nonnegative(),
  market_cap: decimal.describe("SOL: price times supply"),
});
export type MarketData = z.infer<typeof marketData>;
