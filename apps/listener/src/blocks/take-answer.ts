import type { BlockAnswer } from "./ask-block.ts";
import type { ChainOrder } from "./chain-order.ts";
import type { ReadBlock } from "./read-block.ts";
import type { SlotPace } from "./slot-pace.ts";
import type { WantedFor, WantedSlot, WantedSlots } from "./wanted-slots.ts";

export interface TakeAnswerOptions {
  readonly order: ChainOrder<ReadBlock>;
  readonly wanted: WantedSlots;
  readonly pace: SlotPace;
  /** What for the blocks that wait in `order` were asked for, by slot. */
  readonly origins: Map<number, WantedFor>;
  /** No node gives this block, and nothing more can be done about it. */
  readonly onLost: (slot: number) => void;
}

/** Takes what a node answered about a slot: its block, or that it has none, yet or at all. */
export type TakeAnswer = (target: WantedSlot, answer: BlockAnswer) => void;

/** Blocks that wait for their parents, where lists left out much and the chain is followed backwards. */
const MAX_HELD = 64;
/** So long, and so often, every node is asked for a block that another one names as its parent. */
const GIVE_UP_MS = 60_000;
const GIVE_UP_REFUSALS = 20;

export function createTakeAnswer({ order, wanted, pace, origins, onLost }: TakeAnswerOptions): TakeAnswer {
  return (target, answer) => {
    const now = performance.now();
    const { slot, announcedAt, origin } = target;
    target.underWay = false;
    if (answer.kind === "aborted") return;
    if (answer.kind === "block") {
      if (announcedAt !== null && target.refusedAt === null) pace.inTime();
      else if (announcedAt !== null && target.refusedAt !== null) {
        pace.early(target.refusedAt - announcedAt, now - announcedAt);
      }
      wanted.remove(slot);
      origins.set(slot, origin);
      order.add(answer.block);
      const dropped = order.held > MAX_HELD ? order.dropHighest() : null;
      if (dropped === null) return;
      origins.delete(dropped);
      wanted.add(dropped, "backfill", 0);
      return;
    }
    const missing = order.missing.includes(slot);
    if (missing) target.missingSince ??= now;
    target.refusals += 1;
    target.refusedAt = now;
    target.dueAt = now + pace.retryMs(target.refusals);
    const since = target.missingSince;
    const hopeless = since !== null && now - since > GIVE_UP_MS && target.refusals > GIVE_UP_REFUSALS;
    if (answer.kind === "gone" || hopeless) {
      wanted.remove(slot);
      if (!missing && origin !== "backfill") return;
      order.skip(slot);
      onLost(slot);
    } else if (answer.kind === "skipped" && !missing) {
      // Where that is wrong, the next block names it as its parent.
      wanted.remove(slot);
    }
  };
}
