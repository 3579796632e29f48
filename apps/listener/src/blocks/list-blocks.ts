import type { NodeRpc } from "../rpc/node-rpc.ts";

/** Confirmed slots with a block, ascending. */
export type ListBlocks = (from: number, to: number, signal: AbortSignal) => Promise<readonly number[]>;

/** Far more than leaders skip: a node that leaves out so many has no blocks there, and another one may. */
const MAX_SKIPPED = 32;

const hasHole = (from: number, slots: readonly number[]): boolean =>
  slots.length === 0 || slots.some((slot, at) => slot - (slots[at - 1] ?? from - 1) > MAX_SKIPPED);

/**
 * Lists blocks by what any node says, and where that has a hole, a pruned ledger for example, by what all of them say
 * together. Nodes that do not answer then are left out.
 */
export const createBlockLister =
  (any: NodeRpc, each: readonly NodeRpc[]): ListBlocks =>
  async (from, to, signal) => {
    const listBy = (node: NodeRpc): Promise<readonly number[]> =>
      node.getBlocks(from, to, { commitment: "confirmed" }).send({ abortSignal: signal });
    const slots = await listBy(any);
    if (each.length < 2 || !hasHole(from, slots)) return slots;
    const lists = await Promise.all(each.map((node) => listBy(node).catch(() => [])));
    return [...new Set([slots, ...lists].flat())].sort((a, b) => a - b);
  };
