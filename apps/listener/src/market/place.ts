/** More than any block holds. */
const PLACES_PER_SLOT = 1_000_000;

/**
 * Where something stands on the chain, as a number that grows with it: by slot, then by place in the block. What has no
 * known place stands at the end of its slot.
 */
export const placeOf = (slot: number, index: number | null): number =>
  slot * PLACES_PER_SLOT + Math.min(index ?? Infinity, PLACES_PER_SLOT - 1);
