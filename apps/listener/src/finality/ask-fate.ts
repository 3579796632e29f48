import type { TransactionError } from "../decode/decoded-transaction.ts";
import type { NodeRpc } from "../rpc/node-rpc.ts";

/** What became of a transaction whose slot is not on the final chain, as far as one node knows. */
export type Fate =
  /** A block that is final holds it, mostly another one. The error is that of its execution there. */
  | { readonly finalIn: number; readonly error: TransactionError | null }
  /** It may still become final. */
  | "open"
  /** No block holds it. */
  | "gone";

/** The most signatures in one question. */
const MAX_SIGNATURES = 256;

/**
 * Asks every node what became of transactions. One is gone only when all nodes say so, and none has a final block in its
 * slot.
 * @throws when a node does not answer: then nothing is known.
 */
export async function askFate(
  nodes: readonly NodeRpc[],
  doubtful: readonly { readonly signature: string; readonly slot: number }[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Fate>> {
  const fates = new Map<string, Fate>();
  const asked = doubtful.slice(0, MAX_SIGNATURES);
  const signatures = asked.map(({ signature }) => signature);
  const slots = [...new Set(asked.map(({ slot }) => slot))];
  for (const node of nodes) {
    const request = { abortSignal: signal };
    const { value } = await node
      .getSignatureStatuses(signatures, { searchTransactionHistory: true })
      .send(request);
    const present = new Set<number>();
    for (const slot of slots) {
      const found = await node.getBlocks(slot, slot, { commitment: "finalized" }).send(request);
      if (found.includes(slot)) present.add(slot);
    }
    for (const [index, { signature, slot }] of asked.entries()) {
      const known = fates.get(signature);
      if (typeof known === "object") continue;
      const status = value[index] ?? null;
      if (present.has(slot)) fates.set(signature, { finalIn: slot, error: null });
      else if (status?.confirmationStatus === "finalized") {
        fates.set(signature, { finalIn: status.slot, error: status.err ?? null });
      } else if (status !== null || known === "open") fates.set(signature, "open");
      else fates.set(signature, "gone");
    }
  }
  return fates;
}
