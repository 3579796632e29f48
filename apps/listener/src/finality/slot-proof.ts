import { MAX_TRANSACTION_VERSION, type NodeRpc } from "../rpc/node-rpc.ts";

/** What the final chain, as a node shows it, says about a slot. Unproven: the node has a hole there, or is behind. */
export type SlotProof = "final" | "skipped" | "unproven";

/** Where the next final block is looked for. Far longer than any run of skipped slots, and an answer of 10 kB. */
const CHILD_RANGE = 1_000;

/**
 * A slot that a node does not list need not have been skipped: after a jump to a snapshot, or where the ledger is
 * pruned, blocks are missing in the same way. Only the parent that the next final block names proves it.
 * @throws when the node does not list its blocks.
 */
export async function proveSlots(
  node: NodeRpc,
  slots: readonly number[],
  signal: AbortSignal,
): Promise<ReadonlyMap<number, SlotProof>> {
  const request = { abortSignal: signal };
  const listed = await node
    .getBlocks(Math.min(...slots), Math.max(...slots) + CHILD_RANGE, { commitment: "finalized" })
    .send(request);
  const present = new Set(listed);
  /** By slot of the child; null where the node lists a block and does not give it. */
  const parents = new Map<number, number | null>();
  const parentOf = async (child: number): Promise<number | null> => {
    const known = parents.get(child);
    if (known !== undefined) return known;
    const block = await node
      .getBlock(child, {
        transactionDetails: "none",
        rewards: false,
        commitment: "finalized",
        // Nothing of the transactions is asked for, but a node refuses a block that holds a version not named here.
        maxSupportedTransactionVersion: MAX_TRANSACTION_VERSION,
      })
      .send(request)
      .catch(() => null);
    const parent = block?.parentSlot ?? null;
    parents.set(child, parent);
    return parent;
  };
  const prove = async (slot: number): Promise<SlotProof> => {
    if (present.has(slot)) return "final";
    const child = listed.find((other) => other > slot);
    const parent = child === undefined ? null : await parentOf(child);
    if (parent === null || parent > slot) return "unproven";
    return parent === slot ? "final" : "skipped";
  };
  const proofs = new Map<number, SlotProof>();
  for (const slot of slots) proofs.set(slot, await prove(slot));
  return proofs;
}
