import type { EventFrame } from "@commcoin/protocol";

/** As many as a page shows of one topic. */
export const MAX_TAIL = 300;
/** Time over which a rate is counted. */
const RATE_WINDOW_MS = 10_000;

/** Adds messages that are newer than what is there, and keeps the newest. Oldest first. */
export function addToTail(tail: readonly EventFrame[], more: readonly EventFrame[]): readonly EventFrame[] {
  return more.length === 0 ? tail : [...tail, ...more].slice(-MAX_TAIL);
}

/** Messages whose JSON contains the text, newest first. */
export function filterTail(tail: readonly EventFrame[], text: string): readonly EventFrame[] {
  const wanted = text.trim().toLowerCase();
  const found =
    wanted === "" ? tail : tail.filter((message) => JSON.stringify(message).toLowerCase().includes(wanted));
  return found.toReversed();
}

/** Messages per second, lately. A tail that is cut off within that time counts from its beginning. */
export function tailRate(tail: readonly EventFrame[], nowMs: number): number {
  const recent = tail.filter(({ ts }) => ts > nowMs - RATE_WINDOW_MS);
  const cut = recent.length === MAX_TAIL;
  const windowMs = cut ? Math.max(1, nowMs - (recent[0]?.ts ?? nowMs)) : RATE_WINDOW_MS;
  return (recent.length * 1_000) / windowMs;
}
