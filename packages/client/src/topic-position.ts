import type { Position, SubscriptionState } from "./protocol.ts";

export const samePosition = (a: Position, b: Position): boolean =>
  a.epoch === b.epoch && a.offset === b.offset;

/**
 * Where a topic goes on after the server's answer: at the position given, where nothing is missing; elsewhere, where the
 * server says that it cannot. None when the server did not look at the position and must be asked. Replayed messages
 * come after the answer, so its next message is `offset - replayed + 1`.
 */
export function settle(
  position: Position | undefined,
  { epoch, offset, replayed = 0, recovered }: SubscriptionState,
): Position | undefined {
  const start = { epoch, offset: Math.max(0, offset - replayed) };
  if (!position || recovered === false || samePosition(position, start)) return start;
  return recovered && epoch === position.epoch && start.offset <= position.offset ? position : undefined;
}
