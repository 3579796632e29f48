import { MAX_TRANSACTION_VERSION, type NodeRpc } from "../rpc/node-rpc.ts";
import { errorText } from "../support/error-text.ts";
import type { ThrottledLog } from "../support/throttled-log.ts";

/** Where transactions stand in their blocks, for nodes that do not say it with the transaction. */
export interface BlockOrder {
  /** The place of each signature of a block; null when no node tells. One question per block. */
  placesIn(slot: number, signal: AbortSignal): Promise<ReadonlyMap<string, number> | null>;
}

/** A slot is asked about again when some of its transactions came late. */
const REMEMBERED_SLOTS = 64;

export function createBlockOrder(rpc: NodeRpc, throttledLog: ThrottledLog): BlockOrder {
  const known = new Map<number, Promise<ReadonlyMap<string, number> | null>>();

  const ask = async (slot: number, signal: AbortSignal): Promise<ReadonlyMap<string, number> | null> => {
    try {
      const block = await rpc
        .getBlock(slot, {
          transactionDetails: "signatures",
          rewards: false,
          commitment: "confirmed",
          maxSupportedTransactionVersion: MAX_TRANSACTION_VERSION,
        })
        .send({ abortSignal: signal });
      return new Map(block?.signatures.map((signature, place) => [signature, place]));
    } catch (error) {
      known.delete(slot);
      if (!signal.aborted)
        throttledLog.warn(
          { slot, error: errorText(error) },
          "cannot ask for the order of a block; its transactions are published as they came",
        );
      return null;
    }
  };

  return {
    placesIn(slot, signal) {
      const asked = known.get(slot);
      if (asked !== undefined) return asked;
      const [oldest] = known.keys();
      if (known.size >= REMEMBERED_SLOTS && oldest !== undefined) known.delete(oldest);
      const answer = ask(slot, signal);
      known.set(slot, answer);
      return answer;
    },
  };
}
