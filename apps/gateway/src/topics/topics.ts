import type { Broker } from "@commcoin/broker";
import type { Logger } from "@commcoin/service/telemetry";
import type { Fanout } from "../transport/socket.ts";
import type { FeedObserver } from "./feed-context.ts";
import { createHistoryReads, type HistoryReads } from "./history-reads.ts";
import { createPositionCheck, type PositionCheck } from "./position-check.ts";
import { createTopicFeeds, type TopicFeeds } from "./topic-feeds.ts";
import { createTopicQuota, type TopicQuota } from "./topic-quota.ts";
import { ConcurrencyLimiter } from "./concurrency-limiter.ts";

/** Topics that are subscribed to at the broker at a time: as many as make no pause that anybody would feel. */
const TOPIC_STARTS = 32;

export interface TopicsConfig {
  readonly WEBSOCKET_HISTORY_READS: number;
  readonly WEBSOCKET_MAX_TOPICS: number;
  readonly WEBSOCKET_NEW_TOPICS_PER_SECOND: number;
  readonly WEBSOCKET_MAX_SUBSCRIPTIONS: number;
}

/** The topics that somebody here is in, and what they cost the broker. */
export interface Topics {
  readonly feeds: TopicFeeds;
  readonly reads: HistoryReads;
  readonly quota: TopicQuota;
  readonly positions: PositionCheck;
  /** Follows topics that every connection joins, for as long as the gateway runs. Resolves when they are live. */
  followAlways(topics: readonly string[]): Promise<void>;
}

export function createTopics({
  broker,
  config,
  fanout,
  observer,
  now,
  log,
  signal,
}: {
  readonly broker: Broker;
  readonly config: TopicsConfig;
  readonly fanout: Fanout;
  readonly observer: FeedObserver;
  readonly now: () => number;
  readonly log: Logger;
  /** Aborts when the gateway stops. */
  readonly signal: AbortSignal;
}): Topics {
  const reads = createHistoryReads(broker, config.WEBSOCKET_HISTORY_READS);
  const startLimiter = new ConcurrencyLimiter(TOPIC_STARTS);
  const feeds = createTopicFeeds({ broker, reads, startLimiter, fanout, observer, log, now, signal });
  return {
    feeds,
    reads,
    quota: createTopicQuota({
      maxTopics: config.WEBSOCKET_MAX_TOPICS,
      perSecond: config.WEBSOCKET_NEW_TOPICS_PER_SECOND,
      maxSubscriptions: config.WEBSOCKET_MAX_SUBSCRIPTIONS,
      topics: feeds,
      now,
    }),
    positions: createPositionCheck({ broker, feeds, log, now }),
    async followAlways(topics) {
      await Promise.all(topics.map((topic) => feeds.enter(topic, { implicit: true }).start()));
    },
  };
}
