import type { NodeRpc, SignatureEntry } from "../rpc/node-rpc.ts";

export interface SignatureQuery {
  readonly address: string;
  /** The oldest slot that matters; all of it is listed. */
  readonly fromSlot: number;
  readonly maxPages: number;
  readonly signal: AbortSignal;
}

export interface SignatureList {
  /** Oldest first; within a slot in the order of the block. */
  readonly entries: readonly SignatureEntry[];
  /** False when `maxPages` did not reach back to `fromSlot`. */
  readonly complete: boolean;
}

/** The most that a node gives at once. */
const PAGE_SIZE = 1_000;

/**
 * Lists the confirmed transactions that mention an address, from a slot on. The node lists the newest first; pages are
 * followed back until a slot is older than `fromSlot`, never until a signature, because the order within a slot differs
 * between nodes.
 */
export async function listSignatures(
  rpc: NodeRpc,
  { address, fromSlot, maxPages, signal }: SignatureQuery,
): Promise<SignatureList> {
  const found: SignatureEntry[] = [];
  let before: string | undefined;
  for (let page = 0; page < maxPages; page += 1) {
    const entries = await rpc
      .getSignaturesForAddress(address, {
        limit: PAGE_SIZE,
        commitment: "confirmed",
        minContextSlot: fromSlot,
        ...(before === undefined ? {} : { before }),
      })
      .send({ abortSignal: signal });
    found.push(...entries.filter(({ slot }) => slot >= fromSlot));
    const last = entries.at(-1);
    // A short page can be a node's own limit: only an empty one or an older slot is the end.
    if (last === undefined || last.slot < fromSlot) return { entries: found.toReversed(), complete: true };
    before = last.signature;
  }
  return { entries: found.toReversed(), complete: false };
}
