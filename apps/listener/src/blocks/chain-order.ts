/** What ties a block to the one before it. */
export interface Link {
  readonly slot: number;
  readonly parentSlot: number;
  readonly blockhash: string;
  readonly previousBlockhash: string;
}

/**
 * Brings blocks into the order of the chain. Whether a slot has a block is never believed, neither of a list nor of an
 * error: a block goes on only when its parent did, so that nothing can be left out.
 */
export interface ChainOrder<Block extends Link> {
  /** Takes a block, in any order; one that went on already is ignored. */
  add(block: Block): void;
  /** The next block whose parent has gone on; null while none is here. */
  next(): Block | null;
  /** Slots whose block another one names as its parent, and that nobody has brought. */
  readonly missing: readonly number[];
  /** Goes on without the block of a slot. */
  skip(slot: number): void;
  /** Forgets the block that waits in the highest slot. @returns its slot; null when none waits. */
  dropHighest(): number | null;
  /** The highest slot of which a block went on; before the first one, the slot before the start. */
  readonly last: number;
  /** Blocks that wait for their parents. */
  readonly held: number;
}

/** A fork that takes confirmed blocks back is far shorter. */
const REMEMBERED_BLOCKS = 512;

/** @param from the first slot that matters: what a block says of earlier ones is of no interest. */
export function createChainOrder<Block extends Link>(from: number): ChainOrder<Block> {
  const held = new Map<number, Block>();
  /** Hashes of the blocks that went on, by slot; null where the block was skipped. */
  const gone = new Map<number, string | null>();
  let last = from - 1;

  const isLinked = ({ slot, parentSlot, previousBlockhash }: Block): boolean => {
    // The first block of all names itself.
    if (parentSlot < from || parentSlot === slot) return true;
    const hash = gone.get(parentSlot);
    return hash === null || hash === previousBlockhash;
  };
  const remember = (slot: number, hash: string | null): void => {
    gone.delete(slot);
    gone.set(slot, hash);
    last = Math.max(last, slot);
    if (gone.size <= REMEMBERED_BLOCKS) return;
    const floor = Math.min(...gone.keys());
    gone.delete(floor);
    for (const candidate of held.keys()) if (candidate <= floor) held.delete(candidate);
  };

  return {
    add(block) {
      if (block.slot < from || gone.get(block.slot) === block.blockhash) return;
      held.set(block.slot, block);
    },
    next() {
      for (const slot of [...held.keys()].sort((a, b) => a - b)) {
        const block = held.get(slot);
        if (block === undefined || !isLinked(block)) continue;
        held.delete(slot);
        remember(slot, block.blockhash);
        return block;
      }
      return null;
    },
    get missing() {
      const parents = [...held.values()]
        .filter((block) => !isLinked(block))
        .map(({ parentSlot }) => parentSlot);
      return [...new Set(parents)].filter((slot) => !held.has(slot));
    },
    skip(slot) {
      remember(slot, null);
    },
    dropHighest() {
      if (held.size === 0) return null;
      const highest = Math.max(...held.keys());
      held.delete(highest);
      return highest;
    },
    get last() {
      return last;
    },
    get held() {
      return held.size;
    },
  };
}
