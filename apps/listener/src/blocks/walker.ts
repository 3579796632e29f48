import type { Logger } from "@commcoin/service/telemetry";
import type { ListenerMetrics } from "../metrics/listener-metrics.ts";
import type { Nodes } from "../rpc/connect-rpc.ts";
import type { NodePool } from "../sources/node-pool.ts";
import type { ThrottledLog } from "../support/throttled-log.ts";
import { createBlockAsker } from "./ask-block.ts";
import type { BlockReader } from "./block-reader.ts";
import { type BlockWalkOptions, createBlockWalk } from "./block-walk.ts";
import { createBlockLister } from "./list-blocks.ts";

export interface Walk extends Pick<BlockWalkOptions, "from" | "to" | "onBlock"> {
  /** What is wanted of the block of a slot. */
  readonly addressesOf: (slot: number) => readonly string[];
  readonly kind: "live" | "catch_up" | "finality";
}

/** Walks along the chain of a node, for whoever needs the blocks of a range of slots. */
export interface BlockWalker {
  /** Resolves when everything up to `to` was given, or the signal aborts; never rejects. */
  walk(walk: Walk, signal: AbortSignal): Promise<void>;
}

export interface BlockWalkerOptions {
  readonly reader: BlockReader;
  readonly nodes: Pick<Nodes, "any" | "each" | "over">;
  readonly pool: Pick<NodePool, "slot" | "onSlot">;
  readonly log: Logger;
  readonly throttledLog: ThrottledLog;
  readonly metrics: Pick<ListenerMetrics, "blocks" | "lostBlocks">;
}

export function createBlockWalker({
  reader,
  nodes,
  pool,
  log,
  throttledLog,
  metrics,
}: BlockWalkerOptions): BlockWalker {
  return {
    async walk({ from, addressesOf, kind, onBlock, ...range }, signal) {
      const transports = nodes.over((url) => reader.transport(url), kind);
      const ask = createBlockAsker(transports, throttledLog);
      const chain = createBlockWalk({
        ...range,
        from,
        ask: (slot, turn, ended) => ask({ slot, addresses: addressesOf(slot) }, turn, ended),
        list: createBlockLister(nodes.any[kind], nodes.each),
        onBlock: async (block, origin) => {
          await onBlock(block, origin);
          metrics.blocks.inc({ class: kind });
        },
        onLost: (slot) => {
          metrics.lostBlocks.inc();
          const text =
            "no node keeps the block that comes next: transactions up to this slot are not published; " +
            "only a node with older blocks in SOLANA_RPC_URL could have prevented it";
          log.error({ from_slot: from, slot }, text);
        },
        log,
        throttledLog,
      });
      if (pool.slot !== null) chain.announce(pool.slot);
      const stop = pool.onSlot((announced) => chain.announce(announced));
      await chain.run(signal);
      stop();
    },
  };
}
