import type { Term } from "../leadership/leadership.ts";

/** The right to publish, of somebody who has no rivals. */
export const endlessTerm: Term = {
  fence: 1,
  ended: new AbortController().signal,
  holds: () => true,
  lost: () => {},
};
