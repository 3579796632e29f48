import type { Checkpoint } from "../model/checkpoint.ts";

/** From where on transactions matter. */
export interface StartingPoint {
  /** The first slot of which an address's transactions matter. */
  slotOf(address: string): number;
  /** Coins that were followed before, the oldest first. */
  readonly coins: readonly string[];
}

/** Goes on behind a checkpoint; without one, and for addresses that it does not know, from a slot of the present. */
export function createStartingPoint(checkpoint: Checkpoint | null, presentSlot: number): StartingPoint {
  const lanes = checkpoint?.lanes ?? [];
  const watermarks = new Map(lanes.map(({ address, watermark }) => [address, watermark]));
  return {
    slotOf(address) {
      const watermark = watermarks.get(address);
      return watermark === undefined ? presentSlot : watermark + 1;
    },
    coins: lanes.filter(({ coin }) => coin).map(({ address }) => address),
  };
}
