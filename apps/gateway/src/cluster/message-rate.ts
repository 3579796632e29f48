import { publishedAt } from "../frames/published-at.ts";

/** So many of the newest messages are looked at, if they are in memory. */
const SAMPLE = 32;

/**
 * Messages per second of a topic, from the publishing times of the newest ones that are in memory up to now: it falls
 * while nothing comes. 0 when there are fewer than two.
 */
export function messageRate(
  {
    offset,
    frameAt,
  }: { readonly offset: number; readonly frameAt: (offset: number) => Uint8Array | undefined },
  nowMs: number,
): number {
  let oldest: Uint8Array | undefined;
  let count = 0;
  for (; count < SAMPLE; count += 1) {
    const frame = frameAt(offset - count);
    if (frame === undefined) break;
    oldest = frame;
  }
  const since = oldest === undefined || count < 2 ? null : publishedAt(oldest);
  if (since === null) return 0;
  return Math.round((1_000 * count * 1_000) / Math.max(1_000, nowMs - since)) / 1_000;
}
