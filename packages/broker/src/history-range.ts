import type { Position } from "@commcoin/protocol";
import type { HistoryQuery, Unrecovered } from "./broker.ts";

/** Offsets from `from` to `to`, both included; nothing when `to` is smaller. */
export interface HistoryRange {
  readonly from: number;
  readonly to: number;
  readonly unrecovered: Unrecovered | null;
  readonly more: boolean;
}

/**
 * What a query means for a topic that stands at `position` and keeps everything from offset `oldest` on
 * (`position.offset + 1` when it keeps nothing). The publish and history scripts of Redis follow the same rules.
 * @param bytesAt tells how long the frame at an offset that is kept is.
 */
export function historyRange(
  { since, last, limit, until, maxBytes }: HistoryQuery,
  position: Position,
  oldest: number,
  bytesAt: (offset: number) => number,
): HistoryRange {
  const top = position.offset;
  const nothing = (unrecovered: Unrecovered): HistoryRange => ({ from: 1, to: 0, unrecovered, more: false });
  if (since !== undefined) {
    // A position ahead of the topic was made by a broker that lost its newest messages since.
    if (since.epoch !== position.epoch || since.offset > top) return nothing("epoch_changed");
    if (since.offset + 1 < oldest) return nothing("trimmed");
  }
  const end = Math.min(top, until ?? top);
  let from = since === undefined ? oldest : since.offset + 1;
  if (last !== undefined) from = Math.max(from, end - last + 1);
  let to = limit === undefined ? end : Math.min(end, from + limit - 1);
  if (maxBytes !== undefined && from <= to) {
    if (last === undefined) to = from + fitting(maxBytes, to - from + 1, (n) => bytesAt(from + n)) - 1;
    else from = to - fitting(maxBytes, to - from + 1, (n) => bytesAt(to - n)) + 1;
  }
  return { from, to, unrecovered: null, more: to < top };
}

/** How many of `count` frames fit; one at least. */
function fitting(maxBytes: number, count: number, bytesOf: (index: number) => number): number {
  let bytes = bytesOf(0);
  let index = 1;
  for (; index < count; index += 1) {
    bytes += bytesOf(index);
    if (bytes > maxBytes) break;
  }
  return index;
}
