import type { Logger } from "@commcoin/service/telemetry";
import { UNIDENTIFIED } from "./choose-chain.ts";

export interface ChainChange {
  readonly chain: string;
  readonly before: string | null;
  /** Nodes of other chains, by their place among `names`, and of which. */
  readonly setAside: ReadonlyMap<number, string>;
  readonly names: readonly string[];
}

/** Logs which chain is followed where that is another one than before, and what is wrong with its nodes. */
export function logChain(log: Logger, { chain, before, setAside, names }: ChainChange): void {
  if (before !== null && before !== chain) {
    log.warn(
      { from: before, to: chain },
      "the nodes are of another chain than before: what is known of that one is set aside, and the new one is followed",
    );
  }
  if (chain === UNIDENTIFIED) {
    log.warn(
      {},
      "no node tells the hash of its first block: another chain in its place would not be noticed",
    );
  }
  for (const [node, hash] of setAside) {
    log.error(
      { endpoint: names[node], chain: hash, followed: chain },
      "the node is of another chain than the one that is followed: it is set aside, check its address",
    );
  }
}
