import { z } from "zod";
import { address, blockTime, decimal, signature, slot } from "../scalars.ts";

/** A coin came into being. */
export const tokenCreated = z.object({
  token_id: address.describe("Mint of the coin"),
  name: z.string().nullable().describe("As a person sees it; null when there is none to be seen"),
  symbol: z.string().nullable().describe("As `name`"),
  uri: z.string().nullable().describe("Where its metadata can be read; text as `name`"),
  creator: address,
  bonding_curve: address.nullable(),
  decimals: z.int().min(0).max(255),
  supply: decimal,
  signature,
  slot,
  block_time: blockTime,
});
export type TokenCreated = z.infer<typeof tokenCreated>;
