import { BrokerUnavailableError } from "@commcoin/broker";
import type { TopicFeed } from "../topics/topic-feed.ts";
import type { ReplayWish } from "../topics/replay-plan.ts";

/** Longer than a broker needs to fail over, shorter than a client's patience. */
const PREPARE_TIMEOUT_MS = 10_000;
/** Each round reads what the one before showed to be missing; topics do not move fast enough to need many. */
const MAX_ROUNDS = 8;

/** A topic that somebody is about to join, and what of its past is wanted. */
export interface JoinWish extends ReplayWish {
  readonly feed: TopicFeed;
}

/**
 * Runs `commit` as soon as all wishes can be fulfilled from memory, in the same turn in which that was found: every
 * `feed.plan` is there for it. That is at once where feeds are live and nothing is to be read. It does not run once
 * `isWanted` says no.
 * @throws {BrokerUnavailableError} when the broker does not answer in time. `commit` does not run then, nor later.
 */
export async function whenPrepared(
  wishes: readonly JoinWish[],
  isWanted: () => boolean,
  commit: () => void,
): Promise<void> {
  let unready = wishes.filter((wish) => wish.feed.isBehind(wish) || wish.feed.plan(wish) === null);
  if (unready.length === 0) {
    commit();
    return;
  }
  const deadline = createDeadline(PREPARE_TIMEOUT_MS);
  try {
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      await Promise.race([deadline.expired, Promise.all(unready.map(makeProgress))]);
      if (!isWanted()) return;
      unready = wishes.filter(({ feed, ...wish }) => feed.plan(wish) === null);
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

/** Who is still ahead of the topic after it caught up is told that its position is lost. */
async function makeProgress(wish: JoinWish): Promise<void> {
  const { feed } = wish;
  if (feed.isBehind(wish)) await feed.catchUp();
  if (feed.plan(wish) === null) await feed.prepare(wish);
}

function createDeadline(ms: number): { readonly expired: Promise<never>; cancel(): void } {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    const error = new BrokerUnavailableError(`The broker did not answer for ${ms / 1_000} seconds.`);
    timer = setTimeout(() => reject(error), ms);
  });
  return { expired, cancel: () => clearTimeout(timer) };
}
