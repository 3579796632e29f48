import type { RunningTerm } from "./begin-term.ts";
import type { Gap } from "./model/gap.ts";
import type { Content, Intake, SignatureNotification } from "./model/notification.ts";

/** The way to the term that publishes now. While this listener stands by, nothing happens with what comes here. */
export interface CurrentTerm extends Pick<Intake, "untilCapacity"> {
  /** null while this listener stands by. */
  readonly running: RunningTerm | null;
  begin(term: RunningTerm): void;
  end(): void;
  /** Takes what is new. */
  take(notification: SignatureNotification, content?: Content): void;
  /** Whether something that a doubted node announced can be taken. */
  admits(notification: SignatureNotification): boolean;
  /** A node announced again what is known. */
  vouch(signature: string, endpoint: string | null): void;
  /** A node is doubted from now on. */
  doubt(endpoint: string): void;
  /** Takes a gap that is too large to be listed; while this listener stands by, it waits for the next term. */
  takeGap(gap: Gap): void;
  /** The gaps that wait for a term; they are that one's from now on. */
  unfilledGaps(): readonly Gap[];
}

/** What is forgotten of more, audits find from the watermark on. */
const MAX_UNFILLED = 10_000;

export function createCurrentTerm(): CurrentTerm {
  let running: RunningTerm | null = null;
  const unfilled: Gap[] = [];
  return {
    get running() {
      return running;
    },
    begin(term) {
      running = term;
    },
    end() {
      running = null;
    },
    take: (notification, content) => running?.take(notification, content),
    admits: (notification) => running?.pipeline.admits(notification) ?? true,
    vouch: (signature, endpoint) => running?.pipeline.vouch(signature, endpoint),
    doubt: (endpoint) => running?.pipeline.doubt(endpoint),
    takeGap(gap) {
      if (running !== null) running.gaps.add(gap);
      else if (unfilled.push(gap) > MAX_UNFILLED) unfilled.shift();
    },
    unfilledGaps: () => unfilled.splice(0),
    untilCapacity: (signal) => running?.pipeline.untilCapacity(signal) ?? Promise.resolve(),
  };
}
