import { sleep } from "@commcoin/service/lifecycle";
import { lowestWatermark, type Checkpoint } from "../model/checkpoint.ts";
import type { ListenerState } from "./listener-state.ts";

export interface StandByOptions {
  /** Null while it is not known yet where publishing is kept. */
  readonly state: () => Pick<ListenerState, "readCheckpoint"> | null;
  readonly isStandingBy: () => boolean;
  /** The one that publishes has come this far. */
  readonly onProgress: (checkpoint: Checkpoint) => void;
}

/** Keeps up with the one that publishes, to take over from it without delay. */
export interface StandBy {
  /** Runs until the signal aborts; never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** The lowest watermark of the one that publishes; null while it is not known, or this listener publishes. */
  readonly watermark: number | null;
}

/** How often a listener that stands by looks where publishing goes on. */
const FOLLOW_INTERVAL_MS = 1_000;

export function createStandBy({ state, isStandingBy, onProgress }: StandByOptions): StandBy {
  let followed: Checkpoint | null = null;
  let watermark: number | null = null;
  const look = async (): Promise<void> => {
    const checkpoint = await state()
      ?.readCheckpoint()
      .catch(() => null);
    if (!checkpoint || checkpoint === followed || !isStandingBy()) return;
    onProgress(checkpoint);
    watermark = lowestWatermark(checkpoint);
    followed = checkpoint;
  };
  return {
    async run(signal) {
      while (!signal.aborted) {
        if (isStandingBy()) await look();
        else {
          followed = null;
          watermark = null;
        }
        await sleep(FOLLOW_INTERVAL_MS, signal);
      }
    },
    get watermark() {
      return watermark;
    },
  };
}
