import type { BlockOrder } from "./block-order.ts";

/** A transaction and where it is on the chain. */
export interface Placed {
  readonly signature: string;
  readonly slot: number;
  /** Place in the block, where the node says it. */
  readonly index: number | null;
}

/**
 * Sorts transactions as the chain has them. Blocks are asked for places that nobody said, where there is more than
 * one transaction of a block; whatever has no place for all that stays in the order in which it came.
 */
export async function inChainOrder<Item extends Placed>(
  items: readonly Item[],
  blocks: BlockOrder,
  signal: AbortSignal,
): Promise<readonly Item[]> {
  if (items.length < 2) return items;
  const placed: { readonly item: Item; readonly index: number }[] = [];
  for (const item of items) {
    const alone = items.every((other) => other === item || other.slot !== item.slot);
    const index = item.index ?? (alone ? 0 : await askPlace(item, blocks, signal));
    if (index === null) return items;
    placed.push({ item, index });
  }
  return placed
    .sort((one, other) => one.item.slot - other.item.slot || one.index - other.index)
    .map(({ item }) => item);
}

/** Whether a transaction stands before another on the chain; false when nobody knows. */
export async function isBefore(
  one: Placed,
  other: Placed,
  blocks: BlockOrder,
  signal: AbortSignal,
): Promise<boolean> {
  if (one.slot !== other.slot) return one.slot < other.slot;
  const place = one.index ?? (await askPlace(one, blocks, signal));
  const reference = other.index ?? (await askPlace(other, blocks, signal));
  return place !== null && reference !== null && place < reference;
}

async function askPlace(
  { signature, slot }: Placed,
  blocks: BlockOrder,
  signal: AbortSignal,
): Promise<number | null> {
  return (await blocks.placesIn(slot, signal))?.get(signature) ?? null;
}
