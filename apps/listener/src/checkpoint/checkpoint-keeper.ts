import { FencedError } from "@commcoin/broker";
import type { Term } from "../leadership/leadership.ts";
import type { Market } from "../market/market.ts";
import type { ListenerMetrics } from "../metrics/listener-metrics.ts";
import type { Checkpoint } from "../model/checkpoint.ts";
import { errorText } from "../support/error-text.ts";
import type { ThrottledLog } from "../support/throttled-log.ts";
import type { ListenerState } from "./listener-state.ts";

export interface CheckpointKeeper {
  /** Saves a checkpoint with every market that changed since the last one. @returns whether it is kept. */
  save(checkpoint: Checkpoint): Promise<boolean>;
  /** Milliseconds since one was kept; null before the first one of this term. */
  readonly ageMs: number | null;
}

/**
 * Keeps checkpoints and markets together: a market may hold trades that are behind the checkpoint, and knows them by
 * their ids when they come again, but a checkpoint never is ahead of its markets.
 */
export function createCheckpointKeeper({
  state,
  market,
  unsaved: before,
  term,
  throttledLog,
  metrics,
}: {
  readonly state: ListenerState;
  readonly market: Market;
  /** Coins whose markets have to be saved although they did not change. */
  readonly unsaved: Iterable<string>;
  readonly term: Pick<Term, "fence" | "holds" | "lost">;
  readonly throttledLog: ThrottledLog;
  readonly metrics: ListenerMetrics;
}): CheckpointKeeper {
  const unsaved = new Set<string>(before);
  let savedAt: number | null = null;
  return {
    get ageMs() {
      return savedAt === null ? null : performance.now() - savedAt;
    },
    async save(checkpoint) {
      for (const mint of market.changes()) unsaved.add(mint);
      const saving = [...unsaved];
      unsaved.clear();
      const markets = new Map(saving.map((mint) => [mint, market.save(mint)]));
      try {
        if (!term.holds()) return false;
        await state.save(checkpoint, markets, term.fence);
        savedAt = performance.now();
        return true;
      } catch (error) {
        for (const mint of saving) unsaved.add(mint);
        metrics.checkpointFailures.inc();
        if (error instanceof FencedError) term.lost();
        throttledLog.warn({ error: errorText(error) }, "a checkpoint could not be saved");
        return false;
      }
    },
  };
}
