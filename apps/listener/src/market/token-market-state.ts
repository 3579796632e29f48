import { z } from "zod";

const integer = z
  .string()
  .max(100)
  .regex(/^\d+$/)
  .transform((digits) => BigInt(digits));

const slot = z.int().min(-1);
const point = z.object({ price: integer, slot });

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
      closeSlot: slot,
    }),
  ),
});
export type TokenMarketState = Readonly<z.infer<typeof savedState>>;

export const encodeMarketState = (state: TokenMarketState): string =>
  JSON.stringify(state, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value));

/** Null when the text is not a state that was encoded by this version. */
export function decodeMarketState(text: string): TokenMarketState | null {
  try {
    const parsed = savedState.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
