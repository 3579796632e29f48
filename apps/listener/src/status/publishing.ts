import type { Audit } from "../audit/audit.ts";
import type { Firehose } from "../blocks/firehose.ts";
import type { CheckpointKeeper } from "../checkpoint/checkpoint-keeper.ts";
import type { Finality } from "../finality/finality.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import type { Publisher } from "../pipeline/publisher.ts";
import type { Watermarks } from "../progress/watermarks.ts";

/** What can be seen from outside of a listener that publishes. */
export interface Publishing {
  readonly pipeline: Pick<Pipeline, "fetchingMs" | "published" | "waiting">;
  readonly publisher: Pick<Publisher, "problem" | "size">;
  readonly audit: Pick<Audit, "ageMs">;
  readonly watermarks: Pick<Watermarks, "lowest" | "of">;
  /** null where no program is followed by whole blocks. */
  readonly firehose: Pick<Firehose, "problem"> | null;
  readonly finality: Pick<Finality, "size">;
  readonly keeper: Pick<CheckpointKeeper, "ageMs">;
  /** Number of the lease. */
  readonly fence: number;
}
