import type { Finality } from "../finality/finality.ts";
import type { Market } from "../market/market.ts";
import type { ListenerMetrics } from "../metrics/listener-metrics.ts";
import type { Checkpoint } from "../model/checkpoint.ts";
import type { Lane } from "../model/lane.ts";
import type { Watermarks } from "../progress/watermarks.ts";
import type { CheckpointKeeper } from "./checkpoint-keeper.ts";

export interface ProgressOptions {
  readonly commcoinProgramId: string;
  /** Everything that is followed. */
  readonly lanes: () => readonly Lane[];
  readonly watermarks: Watermarks;
  /** The lowest slot of which anything was brought and is not published yet; null when there is none. */
  readonly oldestUnfinished: () => number | null;
  readonly finality: Pick<Finality, "oldestOpen">;
  readonly market: Pick<Market, "settle" | "finalize">;
  readonly keeper: CheckpointKeeper;
  readonly onSaved: (checkpoint: Checkpoint) => void;
  readonly metrics: Pick<ListenerMetrics, "slot">;
}

/** Finds out how far publication has come, settles markets up to there, and saves it. */
export async function saveProgress({
  commcoinProgramId,
  lanes: followed,
  watermarks,
  oldestUnfinished,
  finality,
  market,
  keeper,
  onSaved,
  metrics,
}: ProgressOptions): Promise<void> {
  const lanes = followed();
  watermarks.keep(new Set(lanes.map(({ address }) => address)));
  for (const { address, fromSlot } of lanes) watermarks.begin(address, fromSlot - 1);
  watermarks.settle(oldestUnfinished());
  const { oldestOpen } = finality;
  const decided = oldestOpen === null ? Infinity : oldestOpen - 1;
  const program = lanes.some(({ address }) => address === commcoinProgramId)
    ? watermarks.of(commcoinProgramId)
    : watermarks.lowest;
  if (program !== null) {
    market.settle(program);
    market.finalize(Math.min(program, decided));
  }
  const { lowest } = watermarks;
  if (lowest === null) return;
  const checkpoint: Checkpoint = {
    version: 1,
    finalized: Math.min(lowest, decided),
    lanes: lanes.map(({ address, coin }) => ({ address, coin, watermark: watermarks.of(address) })),
  };
  metrics.slot.set({ of: "watermark" }, lowest);
  if (await keeper.save(checkpoint)) onSaved(checkpoint);
}
