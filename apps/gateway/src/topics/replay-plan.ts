import type { Position, SubscriptionState } from "@commcoin/protocol";

/** What somebody who joins a topic wants of its past: everything after a position, or the newest few, or nothing. */
export interface ReplayRequest {
  readonly since?: Position | undefined;
  readonly last?: number | undefined;
}

/** Where a topic stands, and how far back it can be told from memory. */
export interface TopicStanding extends Position {
  /** Offset of the oldest frame in memory; one more than the position when there is none. */
  readonly first: number;
  /** Everything before this offset is known to be gone from the broker as well. */
  readonly oldestKept: number;
}

export interface ReplayPlan {
  readonly state: Required<Pick<SubscriptionState, "recovered" | "replayed">> &
    Pick<SubscriptionState, "reason">;
  /** Offset of the first frame to send; one more than the position when nothing is to be replayed. */
  readonly from: number;
}

/** As many as the broker keeps of the busiest topic by default. Who missed more is better off with a fresh start. */
export const REPLAY_LIMIT = 20_000;

/**
 * What a joining client gets. All of what it asks for or nothing of it: a replay with a hole would look like a whole one.
 * @returns null when older frames have to be read from the broker before this can be told.
 */
export function planReplay(standing: TopicStanding, { since, last }: ReplayRequest): ReplayPlan | null {
  const { epoch, offset, first, oldestKept } = standing;
  const nothing = (reason?: "epoch_changed" | "trimmed" | "limit"): ReplayPlan => ({
    state: { recovered: false, replayed: 0, ...(reason === undefined ? {} : { reason }) },
    from: offset + 1,
  });
  if (since !== undefined) {
    // A position ahead of the topic belongs to messages that the broker has lost.
    if (since.epoch !== epoch || since.offset > offset) return nothing("epoch_changed");
    const missed = offset - since.offset;
    if (missed > REPLAY_LIMIT) return nothing("limit");
    if (since.offset + 1 >= first)
      return { state: { recovered: true, replayed: missed }, from: since.offset + 1 };
    return since.offset + 1 < oldestKept ? nothing("trimmed") : null;
  }
  if (last === undefined) return nothing();
  // The broker may have let go even of what comes after the position, while it is on its way here.
  const from = Math.min(Math.max(1, offset - last + 1, oldestKept), offset + 1);
  if (from < first) return null;
  return { state: { recovered: false, replayed: offset - from + 1 }, from };
}
