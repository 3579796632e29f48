import type { NodeRpc } from "../rpc/node-rpc.ts";
import { errorText } from "../support/error-text.ts";
import type { ThrottledLog } from "../support/throttled-log.ts";
import type { ChainWatchOptions } from "./chain-watch.ts";
import { tellsNoHash } from "./tells-no-hash.ts";

export interface AskChainOptions {
  readonly nodes: readonly NodeRpc[];
  /** The names of the nodes in logs. */
  readonly names: readonly string[];
  /** Whether a node that cannot be reached is logged here, because nothing else is asked yet. */
  readonly isLogged: () => boolean;
  readonly throttledLog: ThrottledLog;
}

/** Asks a node for the hash of its first block. */
export const createAskChain =
  ({ nodes, names, isLogged, throttledLog }: AskChainOptions): ChainWatchOptions["ask"] =>
  async (node, signal) => {
    try {
      const hash = await nodes[node]?.getGenesisHash().send({ abortSignal: signal });
      return typeof hash === "string" ? { hash } : "no_hash";
    } catch (error) {
      if (tellsNoHash(error)) return "no_hash";
      const fields = { endpoint: names[node], error: errorText(error) };
      if (!signal.aborted && isLogged()) throttledLog.warn(fields, "cannot reach the node over HTTP");
      throw error;
    }
  };
