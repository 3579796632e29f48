import type { Broker } from "@commcoin/broker";
import type { Logger } from "@commcoin/service/telemetry";
import type { TopicFeed } from "./topic-feed.ts";
import type { TopicFeeds } from "./topic-feeds.ts";

/** A topic without traffic gives no offset that would show a hole; it is asked for this often instead. */
const VERIFY_AFTER_MS = 30_000;
/** Topics per question, so that many idle topics are no burst for the broker. */
const TOPICS_PER_CHECK = 500;

/** Compares the feeds' positions with the broker's, and makes those that are not in step catch up. */
export interface PositionCheck {
  /** Looks at the topics that were not verified for long. To be called about once a second. */
  run(): Promise<void>;
  /** Looks at all topics in the next runs: messages may have been missed. */
  expireAll(): void;
}

export function createPositionCheck({
  broker,
  feeds,
  log,
  now,
}: {
  readonly broker: Broker;
  readonly feeds: TopicFeeds;
  readonly log: Logger;
  readonly now: () => number;
}): PositionCheck {
  let running = false;

  const verify = async (batch: readonly TopicFeed[]): Promise<void> => {
    const before = batch.map(({ generation, offset }) => ({ generation, offset }));
    const positions = await broker.positions(batch.map(({ topic }) => topic));
    for (const [index, feed] of batch.entries()) {
      const position = positions[index];
      const asked = before[index];
      if (position === undefined || asked === undefined || asked.generation !== feed.generation) continue;
      const ahead = position.offset > feed.offset;
      // The answer may be older than what arrived since, but not older than the question.
      const rewound = position.offset < asked.offset;
      if (position.epoch !== feed.epoch || ahead || rewound) void feed.catchUp();
      else feed.verifiedAt = now();
    }
  };

  return {
    async run() {
      if (running || broker.problem() !== null) return;
      running = true;
      try {
        const due: TopicFeed[] = [];
        const limit = now() - VERIFY_AFTER_MS;
        for (const feed of feeds.all()) {
          if (feed.live && feed.verifiedAt <= limit) due.push(feed);
        }
        for (let at = 0; at < due.length; at += TOPICS_PER_CHECK) {
          await verify(due.slice(at, at + TOPICS_PER_CHECK));
        }
      } catch (error) {
        log.debug({ err: error }, "positions cannot be compared, trying again");
      } finally {
        running = false;
      }
    },
    expireAll() {
      for (const feed of feeds.all()) feed.verifiedAt = Number.NEGATIVE_INFINITY;
    },
  };
}
