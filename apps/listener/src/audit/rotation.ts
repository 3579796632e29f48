import type { Lane } from "../model/lane.ts";

/** Decides which addresses an audit looks at: the few that everything goes through each time, the many by turns. */
export interface Rotation {
  /** The lanes of the next round; each of them counts as looked at. */
  next(lanes: readonly Lane[]): readonly Lane[];
}

/** Of coins and accounts: with an interval of three seconds, a thousand of them in a minute at 17 requests a second. */
const MIN_PER_ROUND = 50;
/**
 * Everybody's turn comes within this time, however many there are: what was published since the last turn is published
 * again by whoever takes over, and the broker knows its ids for ten minutes.
 */
const TURN_MS = 60_000;

/** How many of so many coins and accounts a round looks at. */
export const perRoundOf =
  (intervalMs: number) =>
  (count: number): number =>
    Math.max(MIN_PER_ROUND, Math.ceil((count * intervalMs) / TURN_MS));

/**
 * Coins and accounts can be thousands, and each is a request at least. What is proven of each stays true until its turn
 * comes again: only what its streams lost since then is found that much later.
 * @param perRound how many of so many are looked at in a round.
 */
export function createRotation(perRound: (count: number) => number): Rotation {
  /** In which round each address was looked at last. */
  let lookedAt = new Map<string, number>();
  let round = 0;
  return {
    next(lanes) {
      round += 1;
      const always = lanes.filter(({ source, coin }) => !coin && source !== "account");
      const many = lanes.filter(({ source, coin }) => coin || source === "account");
      const last = ({ address }: Lane): number => lookedAt.get(address) ?? -1;
      const chosen = many.toSorted((a, b) => last(a) - last(b)).slice(0, perRound(many.length));
      // Forgets those that are not followed any more.
      lookedAt = new Map(many.flatMap((lane) => (last(lane) < 0 ? [] : [[lane.address, last(lane)]])));
      for (const { address } of chosen) lookedAt.set(address, round);
      return [...always, ...chosen];
    },
  };
}
