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
 */
export function historyRange(
  { since, last, limit }: HistoryQuery,
  position: Position,
  oldest: number,
): HistoryRange {
  const top = position.offset;
  const nothing = (unrecovered: Unrecovered): HistoryRange => ({ from: 1, to: 0, unrecovered, more: false });
  if (since !== undefined) {
    // A position ahead of the topic was made by a broker that lost its newest messages since.
    if (since.epoch !== position.epoch || since.offset > top) return nothing("epoch_changed");
    if (since.offset + 1 < oldest) return nothing("trimmed");
  }
  let from = since === undefined ? oldest : since.offset + 1;
  if (last !== undefined) from = Math.max(from, top - last + 1);
  const to = limit === undefined ? top : Math.min(top, from + limit - 1);
  return { from, to, unrecovered: null, more: to < top };
}
