import type { UserPresence } from "@commcoin/broker";
import { sleep } from "@commcoin/service/lifecycle";
import type { Logger } from "@commcoin/service/telemetry";
import type { PresenceHolder } from "./presence-holder.ts";

/** Between two questions whether there is room, while it is not certain that all other gateways live. */
const RETRY_MS = 500;
/** The broker forgets claims after an hour; repeating them corrects whatever went wrong as well. */
const REPEAT_MS = 1_200_000;

/**
 * Counts connections by key over all gateways, never more than a limit. A refusal is certain: every gateway that has some
 * of the key has shown since that it lives. So a client whose gateway died waits until its old connection does not count
 * any more, instead of being sent away. While the broker is away the connections of this gateway alone are counted.
 */
export interface SharedCounts {
  /** Counts one more until `leave`. @returns whether there was room. */
  enter(key: string, limit: number): Promise<boolean>;
  /** To be called for each that entered. */
  leave(key: string): void;
  /** Tells the broker what it does not know. To be called about once a second. */
  tend(): void;
}

interface Entry {
  readonly key: string;
  readonly limit: number;
  held: number;
  readonly waiting: ((isIn: boolean) => void)[];
  /** What the broker counts for this gateway; null where that is not known. */
  claimed: number | null;
  claimedAt: number;
  /** Since when, by the broker's clock, the others have to show that they live, for the first so many that wait. */
  proving: { readonly since: number; readonly count: number } | null;
  busy: boolean;
}

export function createSharedCounts({
  users,
  holder,
  isAway,
  now,
  log,
  signal,
  retryMs = RETRY_MS,
}: {
  readonly users: Pick<UserPresence, "claim">;
  readonly holder: PresenceHolder;
  /** Whether the broker cannot be reached. */
  readonly isAway: () => boolean;
  readonly now: () => number;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly retryMs?: number;
}): SharedCounts {
  const entries = new Map<string, Entry>();
  let failing = false;

  const claim = (name: string, entry: Entry): ReturnType<UserPresence["claim"]> => {
    const { key, held, waiting, limit, proving } = entry;
    const wanted = held + waiting.length;
    return users.claim(name, { key, held, wanted, limit, since: proving?.since ?? null });
  };
  const settleWaiting = (entry: Entry, count: number, isIn: boolean): void => {
    const settled = entry.waiting.splice(0, Math.max(0, count));
    if (isIn) entry.held += settled.length;
    for (const settle of settled) settle(isIn);
  };
  const isSettled = ({ waiting, claimed, held }: Entry): boolean => waiting.length === 0 && claimed === held;

  /** One question to the broker. @returns whether it has to be asked again only after a pause. */
  const ask = async (entry: Entry): Promise<boolean> => {
    const name = await holder.current();
    const asked = entry.waiting.length;
    const reply = await claim(name, entry);
    if (reply === null) {
      holder.lost();
      return false;
    }
    // What is claimed under a former name runs out.
    entry.claimed = holder.name === name ? reply.granted : null;
    entry.claimedAt = now();
    // Some may have left meanwhile, and others come.
    const room = Math.min(reply.granted - entry.held, asked);
    settleWaiting(entry, room, true);
    const proving = entry.proving;
    const short = asked - Math.max(0, room);
    if (short === 0) entry.proving = null;
    else if (proving === null) entry.proving = { since: reply.at, count: short };
    else if (reply.certain) {
      settleWaiting(entry, Math.min(short, proving.count), false);
      entry.proving = null;
    }
    return entry.proving !== null;
  };
  const settle = async (entry: Entry): Promise<void> => {
    entry.busy = true;
    try {
      while (!isSettled(entry) && !signal.aborted) {
        if (await ask(entry)) await sleep(retryMs, signal);
      }
      failing = false;
    } catch (error) {
      entry.claimed = null;
      if (!failing) log.warn({ err: error }, "limits hold for this gateway alone until the broker is back");
      failing = true;
    } finally {
      entry.proving = null;
      entry.busy = false;
    }
    // Without the broker, the count of this gateway decides, which `enter` has looked at.
    settleWaiting(entry, entry.waiting.length, true);
    if (entry.held === 0 && entry.claimed === 0) entries.delete(entry.key);
  };
  const settleSoon = (entry: Entry): void => {
    if (!entry.busy) void settle(entry);
  };
  holder.onReplaced(() => {
    for (const entry of entries.values()) entry.claimed = null;
  });

  return {
    enter(key, limit) {
      let entry = entries.get(key);
      if (entry === undefined) {
        entry = {
          key,
          limit,
          held: 0,
          waiting: [],
          claimed: 0,
          claimedAt: now(),
          proving: null,
          busy: false,
        };
        entries.set(key, entry);
      }
      const { held, waiting } = entry;
      // Those of this gateway are alive.
      if (held + waiting.length >= limit) return Promise.resolve(false);
      const entered = new Promise<boolean>((resolve) => void waiting.push(resolve));
      settleSoon(entry);
      return entered;
    },
    leave(key) {
      const entry = entries.get(key);
      if (entry === undefined) return;
      entry.held -= 1;
      settleSoon(entry);
    },
    tend() {
      if (isAway()) return;
      const repeatAt = now() - REPEAT_MS;
      for (const entry of entries.values()) {
        if (entry.claimedAt < repeatAt) entry.claimed = null;
        if (!isSettled(entry)) settleSoon(entry);
      }
    },
  };
}
