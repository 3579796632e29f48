import { z } from "zod";
import { MAX_FOLLOWED } from "./limits.ts";

const slot = z.int().min(-1);

const checkpoint = z.object({
  version: z.literal(1),
  /** Everything up to and including this slot has reached its final status. */
  finalized: slot,
  /** Everything that mentions the address, up to and including the slot, was published. The oldest coin first. */
  lanes: z
    .array(z.object({ address: z.string().max(64), watermark: slot, coin: z.boolean() }))
    .max(MAX_FOLLOWED),
});

/** From where the next publisher goes on. */
export type Checkpoint = Readonly<z.infer<typeof checkpoint>>;

export const encodeCheckpoint = (value: Checkpoint): string => JSON.stringify(value);

/** Null when the text is not a checkpoint of this version. */
export function decodeCheckpoint(text: string): Checkpoint | null {
  try {
    return checkpoint.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** Up to this slot everything of every address was published; null when none is followed. */
export const lowestWatermark = ({ lanes }: Checkpoint): number | null =>
  lanes.reduce<number | null>((lowest, { watermark }) => Math.min(lowest ?? watermark, watermark), null);

/** The slot up to which nothing has to be looked at again; -1 when there is no such slot. */
export const settledSlot = ({ finalized, lanes }: Checkpoint): number =>
  lanes.reduce((lowest, { watermark }) => Math.min(lowest, watermark), finalized);
