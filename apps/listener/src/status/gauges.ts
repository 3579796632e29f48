import type { ListenerMetrics } from "../metrics/listener-metrics.ts";
import type { Nodes } from "../rpc/connect-rpc.ts";
import { REQUEST_CLASSES } from "../rpc/request-class.ts";
import type { NodePool } from "../sources/node-pool.ts";
import type { Publishing } from "./publishing.ts";

export interface GaugeOptions {
  /** null while this listener stands by. */
  readonly publishing: Publishing | null;
  readonly nodes: Pick<Nodes, "waiting">;
  readonly pool: Pick<NodePool, "slot">;
  /** The lowest watermark of the one that publishes, while this listener stands by. */
  readonly followedWatermark: number | null;
  readonly metrics: ListenerMetrics;
}

/** Sets the gauges of what waits, and of how far publishing is behind. */
export function setGauges({ publishing, nodes, pool, followedWatermark, metrics }: GaugeOptions): void {
  metrics.queueDepth.set({ queue: "signatures" }, publishing?.pipeline.waiting ?? 0);
  metrics.queueDepth.set({ queue: "messages" }, publishing?.publisher.size ?? 0);
  metrics.queueDepth.set({ queue: "finality" }, publishing?.finality.size ?? 0);
  for (const kind of REQUEST_CLASSES) {
    const { count, oldestMs } = nodes.waiting(kind);
    metrics.rpcWaiting.set({ class: kind }, count);
    metrics.rpcOldestWait.set({ class: kind }, oldestMs / 1_000);
  }
  const { slot } = pool;
  // Who stands by tells how far the one that publishes has come.
  const lowest = publishing === null ? followedWatermark : publishing.watermarks.lowest;
  if (slot !== null && lowest !== null) metrics.watermarkLag.set(Math.max(0, slot - lowest));
}
