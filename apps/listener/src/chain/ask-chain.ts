import type { NodeRpc } from "../rpc/node-rpc.ts";
import type { CalmLog } from "../support/calm-log.ts";
import { errorText } from "../support/error-text.ts";
import type { ChainWatchOptions } from "./chain-watch.ts";
import { tellsNoHash } from "./tells-no-hash.ts";

export interface AskChainOptions {
  readonly nodes: readonly NodeRpc[];
  /** The names of the nodes in logs. */
  readonly names: readonly string[];
  /** Whether a node that cannot be reached is logged here, because nothing else is asked yet. */
  readonly isLogged: () => boolean;
  readonly calmLog: CalmLog;
}

/** Asks a node for the hash of its first block. */
export const createAskChain =
  ({ nodes, names, isLogged, calmLog }: AskChainOptions): ChainWatchOptions["ask"] =>
  async (node, signal) => {
    try {
      const hash = await nodes[node]?.getGenesisHash().send({ abortSignal: signal });
      return typeof hash === "string" ? { hash } : "untold";
    } catch (error) {
      if (tellsNoHash(error)) return "untold";
      const fields = { endpoint: names[node], error: errorText(error) };
      if (!signal.aborted && isLogged()) calmLog.warn(fields, "cannot reach the node over HTTP");
      throw error;
    }
  };
