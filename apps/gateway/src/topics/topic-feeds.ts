import type { FeedContext } from "./feed-context.ts";
import { TopicFeed } from "./topic-feed.ts";

/** Reloading a page must not make the gateway leave a topic and join it again. */
const LINGER_MS = 1_000;

/** The feeds of all topics that somebody here is in. */
export interface TopicFeeds {
  readonly size: number;
  /** How many of them wait for what is missing. */
  readonly filling: number;
  /** How many of them are not there for what the server joins by itself. */
  readonly asked: number;
  has(topic: string): boolean;
  /** The feed of a topic, which gets one more member. To be given back with `leave`. */
  enter(topic: string, options?: { readonly implicit?: boolean }): TopicFeed;
  leave(feed: TopicFeed): void;
  find(topic: string): TopicFeed | undefined;
  all(): IterableIterator<TopicFeed>;
  /** Closes feeds that nobody has been in for a moment and gives back memory. To be called about once a second. */
  sweep(): void;
  close(): void;
}

export function createTopicFeeds(context: FeedContext): TopicFeeds {
  const feeds = new Map<string, TopicFeed>();
  const past = { bytes: 0 };
  /** How many of them a client asked for first. */
  let asked = 0;
  const close = (feed: TopicFeed): void => {
    feeds.delete(feed.topic);
    if (!feed.isImplicit) asked -= 1;
    feed.close();
  };

  return {
    get size() {
      return feeds.size;
    },
    get filling() {
      let filling = 0;
      for (const feed of feeds.values()) if (feed.filling) filling += 1;
      return filling;
    },
    get asked() {
      return asked;
    },
    has: (topic) => feeds.has(topic),
    enter(topic, { implicit = false } = {}) {
      let feed = feeds.get(topic);
      if (feed === undefined) {
        feed = new TopicFeed(topic, implicit, context, past);
        if (!implicit) asked += 1;
        feeds.set(topic, feed);
      }
      feed.addMember();
      return feed;
    },
    leave: (feed) => feed.removeMember(),
    find: (topic) => feeds.get(topic),
    all: () => feeds.values(),
    sweep() {
      const now = context.now();
      for (const feed of feeds.values()) {
        if (feed.isIdle(LINGER_MS)) {
          close(feed);
        } else {
          feed.trimMemory(now);
        }
      }
    },
    close() {
      for (const feed of feeds.values()) feed.close();
      feeds.clear();
    },
  };
}
