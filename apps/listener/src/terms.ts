import { beginTerm } from "./begin-term.ts";
import { createHandover } from "./checkpoint/handover.ts";
import type { ListenerState } from "./checkpoint/listener-state.ts";
import type { CurrentTerm } from "./current-term.ts";
import type { Term } from "./leadership/leadership.ts";
import { type Checkpoint, settledSlot } from "./model/checkpoint.ts";
import type { TermContext } from "./term-parts.ts";

/** The terms of a listener, one after the other: the times in which it is the one that publishes. */
export interface Terms {
  /** Goes on where the last checkpoint ends, until the term ends or `finish` was called. Never rejects. */
  lead(term: Term, state: ListenerState): Promise<void>;
  /** Another listener has come this far. */
  followed(checkpoint: Checkpoint): void;
  /** Publishes what is on its way and saves where it ends; gives up what does not go through in time. */
  finish(): Promise<void>;
}

export function createTerms(context: TermContext, current: CurrentTerm): Terms {
  const { config, broker, log, throttledLog, metrics } = context;
  const handover = createHandover({
    broker,
    commcoinProgramId: config.COMMCOIN_PROGRAM_ID,
    log,
    throttledLog,
  });

  return {
    async lead(term, state) {
      const start = await handover.take(term, state);
      if (start === null || term.ended.aborted) return;
      const { running, ended } = beginTerm(context, {
        term,
        state,
        start,
        unfilled: current.unfilledGaps(),
        onSaved: (...saved) => handover.saved(...saved),
      });
      current.begin(running);
      metrics.leader.set(1);
      const from = start.checkpoint === null ? null : settledSlot(start.checkpoint);
      log.info({ fence: term.fence, from_slot: from, coins: start.market.size }, "publishing");
      await ended;
      current.end();
      metrics.leader.set(0);
      if (term.ended.aborted) log.info({ fence: term.fence }, "standing by");
    },
    followed: (checkpoint) => handover.followed(checkpoint),
    finish: async () => current.running?.finish(),
  };
}
