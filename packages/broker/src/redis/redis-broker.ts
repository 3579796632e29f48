import { systemClock } from "@commcoin/service/lifecycle";
import type { Logger } from "@commcoin/service/telemetry";
import type { Broker } from "../broker.ts";
import { checkFence, checkHistoryQuery, checkTopic, encodeMessage } from "../encode-message.ts";
import { createRetentionPolicy, type RetentionPolicy } from "../retention.ts";
import { readRedisAddress } from "./address.ts";
import { createChannels } from "./channels.ts";
import { createConnection } from "./connect.ts";
import { createKeys } from "./keys.ts";
import { createKnownPositions } from "./known-positions.ts";
import { createLink } from "./link.ts";
import { createPublisher } from "./publisher.ts";
import { createRedisControl } from "./redis-control.ts";
import { createRedisLeases } from "./redis-leases.ts";
import { createRedisRegistry } from "./redis-registry.ts";
import { createRedisStates } from "./redis-states.ts";
import { createRedisTopics } from "./redis-topics.ts";
import { runScripts } from "./scripts.ts";

export interface RedisBrokerOptions {
  /** `redis://`, `rediss://` or `redis+sentinel://`; see `readRedisAddress`. */
  readonly url: string;
  readonly logger: Logger;
  readonly retention?: RetentionPolicy;
  /** Start of the names of all keys and channels, for deployments that share a Redis. */
  readonly keyPrefix?: string;
}

/**
 * A broker on Redis 6.2 or later, shared by all processes that use the same Redis and prefix. It has one connection for
 * commands and one for subscriptions.
 */
export function createRedisBroker({
  url,
  logger,
  retention = createRetentionPolicy(),
  keyPrefix = "commcoin",
}: RedisBrokerOptions): Broker {
  const address = readRedisAddress(url);
  const keys = createKeys(keyPrefix, address.db);
  const known = createKnownPositions();
  const redis = createConnection(address, `${keyPrefix}-commands`);
  const subscriber = createConnection(address, `${keyPrefix}-subscriptions`);
  const channels = createChannels(subscriber, () => link.update());
  const link = createLink({
    connections: [redis, subscriber],
    address,
    logger,
    clock: systemClock,
    details: () => {
      if (channels.complete()) return null;
      channels.repair();
      return "Redis is back, but not all subscriptions are yet.";
    },
  });
  const publisher = createPublisher({
    keys,
    retention,
    known,
    run: (calls) => runScripts(redis, "commcoinPublish", calls),
  });
  const topics = createRedisTopics({ redis, channels, keys, retention, known, logger });

  return {
    control: createRedisControl({ redis, channels, keys, logger }),
    registry: createRedisRegistry({ redis, keys, logger }),
    leases: createRedisLeases({ redis, keys }),
    states: createRedisStates({ redis, keys }),
    start: () => link.start(),

    async publish(messages, { fence } = {}) {
      checkFence(fence);
      const now = systemClock.now();
      return publisher.publish(
        messages.map((message) => encodeMessage(message, now)),
        fence,
      );
    },
    async subscribe(topic, deliver) {
      checkTopic(topic);
      return topics.subscribe(topic, deliver);
    },
    async history(topic, query = {}) {
      checkTopic(topic);
      checkHistoryQuery(query);
      return topics.history(topic, query);
    },
    async positions(names) {
      for (const name of names) checkTopic(name);
      return topics.positions(names);
    },

    problem: () => link.problem(),
    watch: (listener) => link.watch(listener),
    close() {
      publisher.close();
      channels.close();
      link.close();
      return Promise.resolve();
    },
  };
}
