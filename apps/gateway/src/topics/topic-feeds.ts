import type { Broker, History, HistoryQuery } from "@commcoin/broker";
import { TopicFeed, type FeedContext } from "./topic-feed.ts";

/** Reloading a page must not make the gateway leave a topic and join it again. */
const LINGER_MS = 1_000;

/** The feeds of all topics that somebody here is in. */
export interface TopicFeeds {
  readonly size: number;
  /** How many of them wait for what is missing. */
  readonly filling: number;
  /** The feed of a topic, which gets one more member. To be given back with `leave`. */
  enter(topic: string): TopicFeed;
  leave(feed: TopicFeed): void;
  find(topic: string): TopicFeed | undefined;
  all(): IterableIterator<TopicFeed>;
  /** Past messages of a topic that need not have a feed. Equal queries at the same time are one read. */
  history(topic: string, query: HistoryQuery): Promise<History>;
  /** Closes feeds that nobody has been in for a moment and gives back memory. To be called about once a second. */
  sweep(): void;
  close(): void;
}

export function createTopicFeeds(context: FeedContext): TopicFeeds {
  const feeds = new Map<string, TopicFeed>();
  const readHistory = shareReads(context.broker);

  return {
    get size() {
      return feeds.size;
    },
    get filling() {
      let filling = 0;
      for (const feed of feeds.values()) if (feed.filling) filling += 1;
      return filling;
    },
    enter(topic) {
      let feed = feeds.get(topic);
      if (feed === undefined) {
        feed = new TopicFeed(topic, context);
        feeds.set(topic, feed);
      }
      feed.members += 1;
      feed.idleSince = null;
      return feed;
    },
    leave(feed) {
      feed.members -= 1;
      if (feed.members === 0) feed.idleSince = context.now();
    },
    find: (topic) => feeds.get(topic),
    all: () => feeds.values(),
    history: readHistory,
    sweep() {
      const now = context.now();
      for (const feed of feeds.values()) {
        if (feed.idleSince !== null && now - feed.idleSince >= LINGER_MS) {
          feeds.delete(feed.topic);
          feed.close();
        } else {
          feed.tidy(now);
        }
      }
    },
    close() {
      for (const feed of feeds.values()) feed.close();
      feeds.clear();
    },
  };
}

function shareReads(broker: Broker): TopicFeeds["history"] {
  const reads = new Map<string, Promise<History>>();
  return (topic, query) => {
    const key = JSON.stringify([topic, query.since?.epoch, query.since?.offset, query.last, query.limit]);
    const running = reads.get(key);
    if (running !== undefined) return running;
    const read = broker.history(topic, query).finally(() => reads.delete(key));
    reads.set(key, read);
    return read;
  };
}
