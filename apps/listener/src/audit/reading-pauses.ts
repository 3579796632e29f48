/** Knows when reading of the streams was held up: what they did not report by then is brought, and not called missed. */
export interface ReadingPauses {
  /** Reading stops, or goes on. */
  paused(): void;
  /** A round of audits begins. */
  nextRound(): void;
  /** Whether reading was held up during the round before this one, or in this one. */
  readonly recent: boolean;
}

export function createReadingPauses(): ReadingPauses {
  let before = false;
  let now = false;
  return {
    paused() {
      now = true;
    },
    nextRound() {
      before = now;
      now = false;
    },
    get recent() {
      return before || now;
    },
  };
}
