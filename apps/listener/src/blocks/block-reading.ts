import type { Lane } from "../model/lane.ts";
import { createFirehose, type Firehose, type FirehoseOptions } from "./firehose.ts";
import { createGapFiller, type GapFiller, type GapFillerOptions } from "./gap-filler.ts";

export interface BlockReadingOptions
  extends Omit<FirehoseOptions, "lanes">, Omit<GapFillerOptions, "onProven"> {
  /** Programs that are followed by whole blocks. */
  readonly blockLanes: readonly Lane[];
  /** An audit's gap is filled up to this slot. */
  readonly onAudited: (address: string, slot: number) => void;
}

/** What a publisher reads of whole blocks. */
export interface BlockReading {
  /** null where no program is followed by whole blocks. */
  readonly firehose: Firehose | null;
  readonly gaps: GapFiller;
  /** Runs until the signal aborts; never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

export function createBlockReading({ blockLanes, onAudited, ...options }: BlockReadingOptions): BlockReading {
  const firehose = blockLanes.length === 0 ? null : createFirehose({ ...options, lanes: blockLanes });
  const gaps = createGapFiller({
    ...options,
    onProven(address, slot) {
      options.watermarks.listed(address, slot);
      onAudited(address, slot);
    },
  });
  return {
    firehose,
    gaps,
    async run(signal) {
      await Promise.all([firehose?.run(signal), gaps.run(signal)]);
    },
  };
}
