import type { EventFrame, Position, SubscriptionState } from "@commcoin/protocol";
import type { TopicState } from "./state.ts";

export const samePosition = (a: Position, b: Position): boolean =>
  a.epoch === b.epoch && a.offset === b.offset;

/** What to do with a message: hand it out, drop what was there before, ask for what is missing before it. */
export type Verdict = "next" | "duplicate" | "gap" | "blocked";

/** Judges a message by its offset alone: the next one is the position plus one. */
export function judge({ joined, blocked, position }: TopicState, { offset }: EventFrame): Verdict {
  if (!joined || blocked || position === null) return "blocked";
  if (offset === position.offset + 1) return "next";
  return offset <= position.offset ? "duplicate" : "gap";
}

/** What is known of the server's position after a message that was dropped. */
export const seenAt = (seen: Position | null, { offset }: EventFrame): Position | null =>
  seen === null ? null : { ...seen, offset: Math.max(seen.offset, offset) };

export type Settlement =
  /** The topic continues at `position`; `lost` when that is not where it was. */
  | { readonly type: "live"; readonly position: Position; readonly lost: boolean }
  /** The server did not look at our position: it must be asked. */
  | { readonly type: "ask" };

/**
 * Compares the server's answer with where we are. Replayed messages come after the answer, so its next message is
 * `offset - replayed + 1`.
 */
export function settle(position: Position | null, reply: SubscriptionState): Settlement {
  const start = { epoch: reply.epoch, offset: Math.max(0, reply.offset - (reply.replayed ?? 0)) };
  if (position === null || samePosition(position, start))
    return { type: "live", position: start, lost: false };
  if (reply.recovered === false) return { type: "live", position: start, lost: true };
  const overlaps = start.epoch === position.epoch && start.offset <= position.offset;
  return reply.recovered === true && overlaps ? { type: "live", position, lost: false } : { type: "ask" };
}
