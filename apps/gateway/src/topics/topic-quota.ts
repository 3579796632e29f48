import type { ErrorCode } from "@commcoin/protocol";
import { TokenBucket, type Rate } from "@commcoin/service/lifecycle";

/** A gateway that was just started takes the topics of those who come back. */
const BURST_SECONDS = 2;
/** Of the gateway's burst, kept for connections that asked for few new topics lately. */
const RESERVED_SHARE = 1 / 2;
const FEW = 8;
/** A connection may bring in as many new topics as it may have, and this many per second from then on. */
const OWN_PER_SECOND = 4;

/** Who asks. */
export interface TopicAsker {
  /** Made when it is needed first. */
  topicBudget: TokenBucket | null;
}

export interface TopicRefusal {
  readonly code: ErrorCode;
  readonly message: string;
}

/**
 * Bounds the topics that nobody here is in yet: each costs memory here, and work and memory at the broker. Topics that are
 * here already cost nothing and are not refused; nor are those that the server joins.
 */
export interface TopicQuota {
  /** To be asked once for each topic that a client wants to join. @returns null when it may. */
  admit(asker: TopicAsker, topic: string): TopicRefusal | null;
}

export function createTopicQuota({
  maxTopics,
  perSecond,
  maxSubscriptions,
  topics,
  now,
}: {
  readonly maxTopics: number;
  /** New topics of the whole gateway. */
  readonly perSecond: number;
  readonly maxSubscriptions: number;
  /** What is here. */
  readonly topics: { has(topic: string): boolean; readonly asked: number };
  readonly now: () => number;
}): TopicQuota {
  const rate: Rate = { perSecond, burst: perSecond * BURST_SECONDS };
  const ownRate: Rate = { perSecond: OWN_PER_SECOND, burst: maxSubscriptions };
  const all = new TokenBucket(rate, now());
  const tooFast: TopicRefusal = {
    code: "rate_limited",
    message: "Too many topics that nobody was in are asked for. Try again later.",
  };
  return {
    admit(asker, topic) {
      if (topics.has(topic)) return null;
      if (topics.asked >= maxTopics) {
        return {
          code: "too_many_subscriptions",
          message: `This server follows ${maxTopics} topics already, which is as many as it may. Try again later.`,
        };
      }
      const at = now();
      asker.topicBudget ??= new TokenBucket(ownRate, at);
      const spent = ownRate.burst - asker.topicBudget.left(ownRate, at);
      if (spent > FEW && all.left(rate, at) < rate.burst * RESERVED_SHARE) return tooFast;
      if (asker.topicBudget.left(ownRate, at) < 1 || all.take(rate, at) > 0) return tooFast;
      asker.topicBudget.take(ownRate, at);
      return null;
    },
  };
}
