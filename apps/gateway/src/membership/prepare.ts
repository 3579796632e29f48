import { BrokerUnavailableError } from "@commcoin/broker";
import { sleep } from "@commcoin/service/lifecycle";
import { BusyError } from "../topics/concurrency-limiter.ts";
import type { TopicFeed } from "../topics/topic-feed.ts";
import type { ReplayRequest } from "../topics/replay-plan.ts";

/** Longer than a broker needs to fail over, shorter than a client's patience. */
const PREPARE_TIMEOUT_MS = 10_000;
/** Each round reads what the one before showed to be missing; topics do not move fast enough to need many. */
const MAX_ROUNDS = 8;
/**
 * A client may have seen what a failover took from the topic: its publisher repeats that, at the same positions. That is what
 * was under way; whoever is further ahead has a position of something else.
 */
const MAX_LEAD = 4_096;
/** A topic that a client is ahead of is looked at again so often, for 5 s: publishers are back soon after the broker is. */
const LOOK_AGAIN_MS = 250;
const MAX_LOOKS = 20;

/** A topic that somebody is about to join, and what of its past is wanted. */
export interface PendingJoin extends ReplayRequest {
  readonly feed: TopicFeed;
}

export type Pause = (ms: number) => Promise<void>;

/**
 * Runs `commit` as soon as all joins can be fulfilled from memory, in the same iteration in which that was found: every
 * `feed.plan` is there for it. That is at once where feeds are live and nothing is to be read. It does not run once
 * `isWanted` says no.
 * @throws {BusyError} when so many topics are joined that the turn of one does not come in time.
 * @throws {BrokerUnavailableError} when the broker does not answer in time. `commit` does not run then, nor later.
 */
export async function whenPrepared(
  joins: readonly PendingJoin[],
  isWanted: () => boolean,
  commit: () => void,
  pause: Pause = sleep,
): Promise<void> {
  let unready = joins.filter((join) => join.feed.leadOf(join) > 0 || join.feed.plan(join) === null);
  if (unready.length === 0) {
    commit();
    return;
  }
  /** Who is still ahead of the topic at the end is told that its position is lost. */
  const makeProgress = async (join: PendingJoin): Promise<void> => {
    const { feed } = join;
    if (feed.leadOf(join) > 0) await feed.catchUp();
    for (let look = 0; look < MAX_LOOKS && isWanted(); look += 1) {
      const lead = feed.leadOf(join);
      if (lead === 0 || lead > MAX_LEAD) break;
      await pause(LOOK_AGAIN_MS);
    }
    if (feed.plan(join) === null) await feed.prepare(join);
  };
  const deadline = createDeadline(PREPARE_TIMEOUT_MS, () =>
    joins.some(({ feed }) => feed.isQueued)
      ? new BusyError()
      : new BrokerUnavailableError(`The broker did not answer for ${PREPARE_TIMEOUT_MS / 1_000} seconds.`),
  );
  try {
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      await Promise.race([deadline.expired, Promise.all(unready.map(makeProgress))]);
      if (!isWanted()) return;
      unready = joins.filter(({ feed, ...join }) => feed.plan(join) === null);
      if (unready.length === 0) {
        commit();
        return;
      }
    }
  } finally {
    deadline.cancel();
  }
  throw new BrokerUnavailableError("The topic moves faster than its past can be read.");
}

function createDeadline(
  ms: number,
  errorNow: () => Error,
): { readonly expired: Promise<never>; cancel(): void } {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(errorNow()), ms);
  });
  return { expired, cancel: () => clearTimeout(timer) };
}
