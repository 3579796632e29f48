import { GONE_AFTER_MS } from "./registry.ts";

/** A holder that is silent for so long has died: the same time after which its server leaves the registry. */
export const HOLDER_TTL_MS = GONE_AFTER_MS;
/** An event that nobody confirmed for so long is given to the next one who sweeps: whoever was to publish it has died. */
export const OVERDUE_AFTER_MS = 5_000;
/** Users that one step of the store works on, so that a large gateway does not hold up everybody else. */
export const USERS_PER_STEP = 500;

/** A user's first connection of the cluster was opened, or the last one is gone. */
export interface PresenceEvent {
  /** The same whoever publishes it, so that it is published once. */
  readonly id: string;
  readonly user_id: string;
  readonly activity_type: "connected" | "disconnected";
  /** When it happened, Unix milliseconds. */
  readonly ts: number;
}

/** How many of something limited a holder has and wants, such as connections of one user. */
export interface Claim {
  readonly key: string;
  /** What it has, which nobody takes from it. */
  readonly held: number;
  /** What it wants in all; it may be less than before. */
  readonly wanted: number;
  /** Of all holders together. */
  readonly limit: number;
  /** An `at` of an earlier answer: since when the other holders must have been kept alive; null for now. */
  readonly since: number | null;
}

export interface ClaimAnswer {
  /** What the holder has from now on: as much of what it wants as the others leave. */
  readonly granted: number;
  /** Whether all others that have some of it were kept alive after `since`. Else some may have died a moment ago. */
  readonly certain: boolean;
  /** When it was answered, by the clock that `since` is read with. */
  readonly at: number;
}

/**
 * Which users are connected to the cluster. Each gateway is a holder of the users that it has connections of; a user is
 * connected from the first holder to the last one. A gateway that dies stops `keep`ing its holder, and any other finds that
 * when it sweeps. Events are kept until they are confirmed, so that none is lost with the one who was to publish it.
 */
export interface UserPresence {
  /**
   * Keeps a holder alive for another `HOLDER_TTL_MS`. To be called every few seconds.
   * @returns false when it is not known, or no more: everything has to be held anew, by a holder of another name.
   */
  keep(holder: string): Promise<boolean>;
  /** Makes a holder known that holds nobody. A name may be used once. */
  join(holder: string): Promise<void>;
  /**
   * Holds users, and lets others go; those it held, or did not hold, already do not matter.
   * @returns what that changed, or null when the holder is not known and nothing was done.
   */
  change(
    holder: string,
    users: { readonly came: readonly string[]; readonly left: readonly string[] },
  ): Promise<readonly PresenceEvent[] | null>;
  /**
   * Says that a holder ends, and that its users are let go after a time in which they may come back elsewhere.
   * @returns whether there is another holder to see to that.
   */
  leave(holder: string, graceMs: number): Promise<boolean>;
  /**
   * Lets the users of holders go that died or left, a part at a time.
   * @returns what that changed and what nobody confirmed, in order of time; and whether there is more to do.
   */
  sweep(): Promise<{ readonly events: readonly PresenceEvent[]; readonly more: boolean }>;
  /** To be called when events were published. */
  confirm(events: readonly PresenceEvent[]): Promise<void>;
  /**
   * Says what a holder has of something that all of them may have only so much of together. It counts for as long as the
   * holder is alive, and an hour at most unless it is said again. Saying it again changes nothing.
   * @returns null when the holder is not known and nothing was done.
   */
  claim(holder: string, claim: Claim): Promise<ClaimAnswer | null>;
  /** Distinct users of the cluster. */
  count(): Promise<number>;
}

export const presenceEvent = (
  ts: number,
  activity_type: PresenceEvent["activity_type"],
  session: string,
  user_id: string,
): PresenceEvent => ({ id: `presence:${session}:${activity_type}`, user_id, activity_type, ts });

/** Cuts what came and left into steps, in this order. */
export function* steps({
  came,
  left,
}: {
  readonly came: readonly string[];
  readonly left: readonly string[];
}): Generator<readonly (readonly [sign: "+" | "-", user: string])[]> {
  const all = [...came.map((user) => ["+", user] as const), ...left.map((user) => ["-", user] as const)];
  for (let start = 0; start < all.length; start += USERS_PER_STEP)
    yield all.slice(start, start + USERS_PER_STEP);
}
