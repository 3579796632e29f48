import { z } from "zod";

const integer = z
  .string()
  .max(100)
  .regex(/^\d+$/)
  .transform((digits) => BigInt(digits));

const slot = z.int().min(-1);
/** See `placeOf`. */
const place = z.int();
const point = z.object({ price: integer, place });

/** What is kept of one token's market, as JSON. Prices are integers of 10^-40 SOL, as digits. */
const savedState = z.object({
  evictedMinute: z.int().nonnegative(),
  settledSlot: slot,
  last: point.nullable(),
  reference: point.extend({ beforeWindow: z.boolean() }).nullable(),
  unsettled: z.array(z.tuple([z.string().max(200), slot])),
  buckets: z.array(
    z.object({
      minute: z.int().nonnegative(),
      volumeLamports: integer,
      trades: z.int().positive(),
      high: integer,
      low: integer,
      close: integer,
      closePlace: place,
    }),
  ),
});
export type TokenMarketState = Readonly<z.infer<typeof savedState>>;

const operation = z.object({
  signature: z.string().max(100),
  id: z.string().max(200),
  slot,
  /** Place in the block; null when no node said it. */
  index: z.int().nonnegative().nullable(),
  price: z.string().max(100),
  /** Null where it is no trade but the price of a new curve. */
  trade: z.object({ time: z.int().nonnegative(), solLamports: integer }).nullable(),
});

/** What is kept of one coin: the market without what may still be taken back, and that, in order. */
const savedMarket = z.object({ base: savedState, tentative: z.array(operation), settledSlot: slot });
export type SavedMarket = Readonly<z.infer<typeof savedMarket>>;

export const encodeMarketState = (state: SavedMarket): string =>
  JSON.stringify(state, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value));

/** Null when the text is not a state that was encoded by this version. */
export function decodeMarketState(text: string): SavedMarket | null {
  try {
    const parsed = savedMarket.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
