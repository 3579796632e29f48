import { SolanaError } from "@solana/kit";
import type { NodeRpc, SignatureEntry } from "../rpc/node-rpc.ts";

export interface SignatureQuery {
  readonly address: string;
  /** The oldest slot that matters; all of it is listed. */
  readonly fromSlot: number;
  /** A slot that the node must have reached; `fromSlot` by default. */
  readonly minContextSlot?: number;
  /** Entries of the first page; as many as a node gives by default. */
  readonly firstPage?: number;
  readonly maxPages: number;
  readonly signal: AbortSignal;
}

export interface SignatureList {
  /** Oldest first; within a slot in the order of the block. */
  readonly entries: readonly SignatureEntry[];
  /** False when `maxPages` did not reach back to `fromSlot`. */
  readonly complete: boolean;
}

/** Another node of a pool, which does not know the last signature of a page yet: paging begins anew. */
const CURSOR_UNKNOWN = -32_020;
const MAX_RESTARTS = 3;

const isUnknownCursor = (error: unknown): boolean =>
  error instanceof SolanaError && (error.context.__code as number) === CURSOR_UNKNOWN;

/** The most that a node gives at once. */
const PAGE_SIZE = 1_000;

/**
 * Lists the confirmed transactions that mention an address, from a slot on. The node lists the newest first; pages are
 * followed back until a slot is older than `fromSlot`, never until a signature, because the order within a slot differs
 * between nodes.
 */
export async function listSignatures(
  rpc: NodeRpc,
  { address, fromSlot, minContextSlot = fromSlot, firstPage = PAGE_SIZE, maxPages, signal }: SignatureQuery,
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
  for (let page = 0; page < maxPages; page += 1) {
    let entries: readonly SignatureEntry[];
    try {
      entries = await ask();
    } catch (error) {
      if (!isUnknownCursor(error) || restarts === MAX_RESTARTS) throw error;
      restarts += 1;
      found = [];
      before = undefined;
      continue;
    }
    found.push(...entries.filter(({ slot }) => slot >= fromSlot));
    const last = entries.at(-1);
    // A short page can be a node's own limit: only an empty one or an older slot is the end.
    if (last === undefined || last.slot < fromSlot) return { entries: found.toReversed(), complete: true };
    before = last.signature;
  }
  return { entries: found.toReversed(), complete: false };
}
