import { codeOf } from "../rpc/node-error.ts";
import type { NodeRpc, SignatureEntry } from "../rpc/node-rpc.ts";

export interface SignatureQuery {
  readonly address: string;
  /** The oldest slot that matters; all of it is listed. */
  readonly fromSlot: number;
  /** A slot that the node must have reached; `fromSlot` by default. */
  readonly minContextSlot?: number;
  /** Entries of the first page; as many as a node gives by default. */
  readonly firstPage?: number;
  /** So many transactions are listed whatever it takes; with more, see `SignatureList`. */
  readonly largeGap: number;
  readonly signal: AbortSignal;
}

export interface SignatureList {
  /** Oldest first; within a slot in the order of the block. None where there is a gap. */
  readonly entries: readonly SignatureEntry[];
  /**
   * Slots that hold more than can sensibly be listed, and then fetched one by one: more than `largeGap` transactions, and
   * more than one in a slot, so that whole blocks cost less. null when everything is listed.
   */
  readonly gap: { readonly from: number; readonly to: number } | null;
}

/** A node gives twenty pages of a thousand for it. */
export const LARGE_GAP_TRANSACTIONS = 20_000;

/** Another node of a pool, which does not know the last signature of a page yet: paging begins anew. */
const CURSOR_UNKNOWN = -32_020;
const MAX_RESTARTS = 3;

/** The most that a node gives at once. */
const PAGE_SIZE = 1_000;

/**
 * Lists the confirmed transactions that mention an address, from a slot on. The node lists the newest first; pages are
 * followed back until a slot is older than `fromSlot`, never until a signature, because the order within a slot differs
 * between nodes.
 */
export async function listSignatures(
  rpc: NodeRpc,
  { address, fromSlot, minContextSlot = fromSlot, firstPage = PAGE_SIZE, largeGap, signal }: SignatureQuery,
): Promise<SignatureList> {
  let found: SignatureEntry[] = [];
  let before: string | undefined;
  let restarts = 0;
  const ask = (): Promise<readonly SignatureEntry[]> =>
    rpc
      .getSignaturesForAddress(address, {
        limit: before === undefined ? firstPage : PAGE_SIZE,
        commitment: "confirmed",
        minContextSlot,
        ...(before === undefined ? {} : { before }),
      })
      .send({ abortSignal: signal });
  for (;;) {
    let entries: readonly SignatureEntry[];
    try {
      entries = await ask();
    } catch (error) {
      if (codeOf(error) !== CURSOR_UNKNOWN || restarts === MAX_RESTARTS) throw error;
      restarts += 1;
      found = [];
      before = undefined;
      continue;
    }
    found.push(...entries.filter(({ slot }) => slot >= fromSlot));
    const last = entries.at(-1);
    // A short page can be a node's own limit: only an empty one or an older slot is the end.
    if (last === undefined || last.slot < fromSlot) return { entries: found.toReversed(), gap: null };
    const newest = found[0]?.slot ?? fromSlot;
    if (found.length > Math.max(largeGap, newest - last.slot)) {
      return { entries: [], gap: { from: fromSlot, to: newest } };
    }
    before = last.signature;
  }
}
