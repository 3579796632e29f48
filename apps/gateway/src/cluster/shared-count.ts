import type { UserPresence } from "@commcoin/broker";

type ClaimReply = NonNullable<Awaited<ReturnType<UserPresence["claim"]>>>;

/** Connections of one key, as this gateway and the broker count them. */
export interface Count {
  readonly key: string;
  readonly limit: number;
  held: number;
  readonly waiting: ((isIn: boolean) => void)[];
  /** What the broker counts for this gateway; null where that is not known. */
  claimed: number | null;
  claimedAt: number;
  /** Since when, by the broker's clock, the others have to show that they live, for the first so many that wait. */
  proving: { readonly since: number; readonly count: number } | null;
  busy: boolean;
}

export const createCount = (key: string, limit: number, now: number): Count => ({
  key,
  limit,
  held: 0,
  waiting: [],
  claimed: 0,
  claimedAt: now,
  proving: null,
  busy: false,
});

/** Whether the broker knows everything and nobody waits. */
export const isSettled = ({ waiting, claimed, held }: Count): boolean =>
  waiting.length === 0 && claimed === held;

/** Answers the first so many that wait. */
export function settleWaiting(count: Count, places: number, isIn: boolean): void {
  const settled = count.waiting.splice(0, Math.max(0, places));
  if (isIn) count.held += settled.length;
  for (const settle of settled) settle(isIn);
}

/**
 * Lets in as many as the broker grants. Others are refused only when it is certain that nobody else could make room for them.
 * @param asked how many waited when the broker was asked: some may have left since, and others come.
 */
export function applyReply(count: Count, asked: number, { granted, certain, at }: ClaimReply): void {
  const places = Math.min(granted - count.held, asked);
  settleWaiting(count, places, true);
  const { proving } = count;
  const short = asked - Math.max(0, places);
  if (short === 0) count.proving = null;
  else if (proving === null) count.proving = { since: at, count: short };
  else if (certain) {
    settleWaiting(count, Math.min(short, proving.count), false);
    count.proving = null;
  }
}
