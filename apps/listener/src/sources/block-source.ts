import type { Lane } from "../model/lane.ts";
import type { SourceName } from "../model/notification.ts";
import type { NodePool } from "./node-pool.ts";
import type { Source } from "./source.ts";
import type { StartingPoint } from "./starting-point.ts";

export interface BlockSourceOptions {
  readonly name: SourceName;
  /** Programs of which every transaction is wanted. */
  readonly addresses: readonly string[];
  readonly pool: Pick<NodePool, "connections">;
  readonly startingPoint: (signal: AbortSignal) => Promise<StartingPoint | null>;
}

/**
 * Programs whose transactions come with whole blocks, and not by subscriptions. Only the listener that publishes reads
 * blocks (`createFirehose`): what another one would do meanwhile, the next publisher finds from the watermark on.
 */
export function createBlockSource({ name, addresses, pool, startingPoint }: BlockSourceOptions): Source {
  let lanes: readonly Lane[] = [];
  return {
    name,
    async run(_, signal) {
      const point = await startingPoint(signal);
      if (point === null) return;
      lanes = addresses.map((address) => ({
        source: name,
        address,
        fromSlot: point.slotOf(address),
        coin: false,
      }));
    },
    lanes: () => lanes,
    status() {
      const wanted = addresses.length;
      const streams = pool.connections.map((connection) => {
        const { endpoint, state } = connection.status();
        return { endpoint, state, live: state === "live" ? lanes.length : 0 };
      });
      return { name, wanted, needed: wanted, live: Math.max(0, ...streams.map(({ live }) => live)), streams };
    },
  };
}
