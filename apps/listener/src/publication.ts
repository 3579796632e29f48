import { createHandover } from "./checkpoint/handover.ts";
import type { ListenerState } from "./checkpoint/listener-state.ts";
import type { Term } from "./leadership/leadership.ts";
import { type Checkpoint, settledSlot } from "./model/checkpoint.ts";
import type { Gap } from "./model/gap.ts";
import type { SignatureNotification } from "./model/notification.ts";
import { beginTerm, type Running, type TermContext } from "./publication-term.ts";
import type { Publishing } from "./status/publishing.ts";

/** What a listener does while it is the one that publishes. */
export interface Publication {
  /** Goes on where the last checkpoint ends, until the term ends or `finish` was called. Never rejects. */
  lead(term: Term, state: ListenerState): Promise<void>;
  /** Another listener has come this far. */
  followed(checkpoint: Checkpoint): void;
  /** Takes what is new; nothing happens with it while this listener stands by. */
  take(notification: SignatureNotification): void;
  /** Whether something that a doubted node announced can be taken. */
  admits(notification: SignatureNotification): boolean;
  /** A node announced again what is known. */
  vouch(signature: string, endpoint: string): void;
  /** A node is doubted from now on. */
  doubt(endpoint: string): void;
  /** Takes a gap that is too large to be listed; while this listener stands by, it waits for the next term. */
  takeGap(gap: Gap): void;
  room(signal: AbortSignal): Promise<void>;
  /** Publishes what is on its way and saves where it ends; gives up what does not go through in time. */
  finish(): Promise<void>;
  /** What runs now; null while this listener stands by. */
  readonly active: Publishing | null;
}

/** What is forgotten of more, audits find from the watermark on. */
const MAX_UNFILLED = 10_000;

/** The terms of a listener, one after the other. */
export function createPublication(context: TermContext): Publication {
  const { config, broker, log, calmLog, metrics } = context;
  const handover = createHandover({
    broker,
    commcoinProgramId: config.COMMCOIN_PROGRAM_ID,
    log,
    calmLog,
  });
  let active: Running | null = null;
  /** Gaps that were found while nobody published here. */
  const unfilled: Gap[] = [];

  return {
    async lead(term, state) {
      const legacy = await handover.take(term, state);
      if (legacy === null || term.ended.aborted) return;
      const { running, ended } = beginTerm(context, {
        term,
        state,
        legacy,
        unfilled: unfilled.splice(0),
        onSaved: (...saved) => handover.saved(...saved),
      });
      active = running;
      metrics.leader.set(1);
      const from = legacy.checkpoint === null ? null : settledSlot(legacy.checkpoint);
      log.info({ fence: term.fence, from_slot: from, coins: legacy.market.size }, "publishing");
      await ended;
      active = null;
      metrics.leader.set(0);
      if (term.ended.aborted) log.info({ fence: term.fence }, "standing by");
    },
    followed: (checkpoint) => handover.followed(checkpoint),
    take: (notification) => active?.take(notification),
    admits: (notification) => active?.pipeline.admits(notification) ?? true,
    vouch: (signature, endpoint) => active?.pipeline.vouch(signature, endpoint),
    doubt: (endpoint) => active?.pipeline.doubt(endpoint),
    takeGap(gap) {
      if (active !== null) active.gaps.add(gap);
      else if (unfilled.push(gap) > MAX_UNFILLED) unfilled.shift();
    },
    room: (signal) => active?.pipeline.room(signal) ?? Promise.resolve(),
    finish: async () => active?.finish(),
    get active() {
      return active;
    },
  };
}
