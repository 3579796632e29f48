import type { TransactionError } from "../decode/decoded-transaction.ts";
import type { NodeRpc } from "../rpc/node-rpc.ts";
import { proveSlots } from "./slot-proof.ts";

/** What became of a transaction whose slot is not on the final chain, as far as one node knows. */
export type Outcome =
  /** A block that is final holds it, mostly another one. The error is that of its execution there. */
  | { readonly finalIn: number; readonly error: TransactionError | null }
  /** It may still become final, or be so where no node can see it. */
  | "open"
  /** The final chain passes its slot by, and no block holds it. */
  | "gone";

/** The most signatures in one question. */
export const MAX_ASKED = 256;

/**
 * Asks every node what became of transactions. One is gone only when the final chain of a node proves that it goes past
 * its slot, and no node has it anywhere.
 * @param doubtful at most `MAX_ASKED`, and at least one.
 * @throws when a node does not answer: then nothing is known.
 */
export async function askOutcomes(
  nodes: readonly NodeRpc[],
  doubtful: readonly { readonly signature: string; readonly slot: number }[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Outcome>> {
  const signatures = doubtful.map(({ signature }) => signature);
  const slots = [...new Set(doubtful.map(({ slot }) => slot))];
  const final = new Map<string, Outcome>();
  const present = new Set<string>();
  const skipped = new Set<number>();
  for (const node of nodes) {
    const { value } = await node
      .getSignatureStatuses(signatures, { searchTransactionHistory: true })
      .send({ abortSignal: signal });
    const proofs = await proveSlots(node, slots, signal);
    for (const [slot, proof] of proofs) if (proof === "skipped") skipped.add(slot);
    for (const [index, { signature, slot }] of doubtful.entries()) {
      const status = value[index] ?? null;
      if (status !== null) present.add(signature);
      if (final.has(signature)) continue;
      if (proofs.get(slot) === "final") final.set(signature, { finalIn: slot, error: null });
      else if (status?.confirmationStatus === "finalized") {
        final.set(signature, { finalIn: status.slot, error: status.err ?? null });
      }
    }
  }
  const outcomeOf = (signature: string, slot: number): Outcome =>
    final.get(signature) ?? (skipped.has(slot) && !present.has(signature) ? "gone" : "open");
  return new Map(doubtful.map(({ signature, slot }) => [signature, outcomeOf(signature, slot)]));
}
