import type { UserPresence } from "@commcoin/broker";
import { sleep } from "@commcoin/service/lifecycle";
import type { Logger } from "@commcoin/service/telemetry";
import type { PresenceHolder } from "./presence-holder.ts";
import { applyReply, createCount, isSettled, settleWaiting, type Count } from "./shared-count.ts";

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
  reconcile(): void;
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
  const counts = new Map<string, Count>();
  let failing = false;

  const claim = (name: string, count: Count): ReturnType<UserPresence["claim"]> => {
    const { key, held, waiting, limit, proving } = count;
    const wanted = held + waiting.length;
    return users.claim(name, { key, held, wanted, limit, since: proving?.since ?? null });
  };
  /** One question to the broker. @returns whether it has to be asked again only after a pause. */
  const ask = async (count: Count): Promise<boolean> => {
    const name = await holder.current();
    const asked = count.waiting.length;
    const reply = await claim(name, count);
    if (reply === null) {
      holder.lost();
      return false;
    }
    // What is claimed under a former name runs out.
    count.claimed = holder.name === name ? reply.granted : null;
    count.claimedAt = now();
    applyReply(count, asked, reply);
    return count.proving !== null;
  };
  const settle = async (count: Count): Promise<void> => {
    count.busy = true;
    try {
      while (!isSettled(count) && !signal.aborted) {
        if (await ask(count)) await sleep(retryMs, signal);
      }
      failing = false;
    } catch (error) {
      count.claimed = null;
      if (!failing) log.warn({ err: error }, "limits hold for this gateway alone until the broker is back");
      failing = true;
    } finally {
      count.proving = null;
      count.busy = false;
    }
    // Without the broker, the count of this gateway decides, which `enter` has looked at.
    settleWaiting(count, count.waiting.length, true);
    if (count.held === 0 && count.claimed === 0) counts.delete(count.key);
  };
  const settleSoon = (count: Count): void => {
    if (!count.busy) void settle(count);
  };
  holder.onReplaced(() => {
    for (const count of counts.values()) count.claimed = null;
  });

  return {
    enter(key, limit) {
      let count = counts.get(key);
      if (count === undefined) {
        count = createCount(key, limit, now());
        counts.set(key, count);
      }
      const { held, waiting } = count;
      // Those of this gateway are alive.
      if (held + waiting.length >= limit) return Promise.resolve(false);
      const entered = new Promise<boolean>((resolve) => void waiting.push(resolve));
      settleSoon(count);
      return entered;
    },
    leave(key) {
      const count = counts.get(key);
      if (count === undefined) return;
      count.held -= 1;
      settleSoon(count);
    },
    reconcile() {
      if (isAway()) return;
      const repeatAt = now() - REPEAT_MS;
      for (const count of counts.values()) {
        if (count.claimedAt < repeatAt) count.claimed = null;
        if (!isSettled(count)) settleSoon(count);
      }
    },
  };
}
