import { sleep } from "@commcoin/service/lifecycle";
import type { ExecutedTransaction } from "../ledger/transaction.ts";
import type { LocalNode } from "../node.ts";

/** Transactions go out in portions, many times a second. */
const PORTION_INTERVAL_MS = 20;

/**
 * Puts recorded transactions into the ledger at a steady rate, with signature, message and meta as recorded; those
 * that the ledger has already are passed over.
 * @returns how many it put in.
 */
export const replay = async (
  node: LocalNode,
  transactions: readonly ExecutedTransaction[],
  { perSecond, signal }: { readonly perSecond: number; readonly signal: AbortSignal },
): Promise<number> => {
  const startedAt = performance.now();
  let next = 0;
  let submitted = 0;
  while (next < transactions.length && !signal.aborted) {
    const due = Math.ceil(((performance.now() - startedAt + PORTION_INTERVAL_MS) / 1_000) * perSecond);
    for (const executed of transactions.slice(next, due)) {
      if (node.ledger.has(executed.signature)) continue;
      node.submit(executed);
      submitted += 1;
    }
    next = Math.max(next, due);
    if (next < transactions.length) await sleep(PORTION_INTERVAL_MS, signal);
  }
  return submitted;
};
