import { z } from "zod";
import { address, blockTime, decimal, signature, slot } from "../scalars.ts";

/** A trade set a price. */
export const tokenPriceUpdate = z.object({
  token_id: address.describe("Mint of the coin"),
  price: decimal.describe("SOL per token of the trade"),
  change_24h: decimal.nullable().describe("Percent against the price 24 hours ago; null when there was none"),
  signature,
  slot,
  block_time: blockTime,
});
export type TokenPriceUpdate = z.infer<typeof tokenPriceUpdate>;
