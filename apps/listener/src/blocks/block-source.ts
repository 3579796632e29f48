import type { NodeConnection } from "../sources/node-connection.ts";
import type { Lane, Source, SourceName } from "../sources/source.ts";
import type { StartingPoint } from "../sources/starting-point.ts";

export interface BlockSourceOptions {
  readonly name: SourceName;
  /** Programs of which every transaction is wanted. */
  readonly addresses: readonly string[];
  readonly connection: Pick<NodeConnection, "status">;
  readonly startingPoint: (signal: AbortSignal) => Promise<StartingPoint | null>;
}

/**
 * Programs whose transactions come with whole blocks, and not by subscriptions. Only the listener that publishes reads
 * blocks (`createFirehose`): what another one would do meanwhile, the next publisher finds from the watermark on.
 */
export function createBlockSource({
  name,
  addresses,
  connection,
  startingPoint,
}: BlockSourceOptions): Source {
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
      const { endpoint, open } = connection.status();
      const isLive = open && lanes.length > 0;
      const live = isLive ? addresses.length : 0;
      const state = isLive ? "live" : open ? "idle" : "connecting";
      return { name, wanted: addresses.length, live, streams: [{ endpoint, state, live }] };
    },
  };
}
