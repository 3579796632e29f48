import { systemClock } from "@commcoin/service/lifecycle";
import type { Logger } from "@commcoin/service/telemetry";
import type { Broker } from "../broker.ts";
import { checkFence, checkHistoryQuery, checkTopic, encodeMessages } from "../encode-message.ts";
import { createDamageLog } from "../damage.ts";
import { createRetentionPolicy, type RetentionPolicy } from "../retention.ts";
import { readRedisAddress } from "@commcoin/service/config";
import { createChannels } from "./channels.ts";
import { createClusterNodes } from "./cluster-nodes.ts";
import { createCommands } from "./commands.ts";
import { createConnection } from "./connect.ts";
import { hidingInReplies } from "./hide-replies.ts";
import { createKeys } from "./keys.ts";
import { createKnownPositions } from "./known-positions.ts";
import { agreeOnLayout } from "./layout.ts";
import { createLink } from "./link.ts";
import { createLoadingWatch } from "./loading.ts";
import { createSingleNode, type Connect } from "./nodes.ts";
import { createProof, PROOF_TIMES, type ProofTimes } from "./proof.ts";
import { createProofs } from "./proofs.ts";
import { createPublisher } from "./publisher.ts";
import { createReplication } from "./replication.ts";
import { createRedisControl } from "./redis-control.ts";
import { createRedisDemand } from "./redis-demand.ts";
import { createRedisLeases } from "./redis-leases.ts";
import { createRedisRegistry } from "./redis-registry.ts";
import { createRedisStates } from "./redis-states.ts";
import { createRedisTopics } from "./redis-topics.ts";
import { createRedisUserPresence } from "./redis-user-presence.ts";
import { createWriteCheck } from "./write-check.ts";

export interface RedisBrokerOptions {
  /** `redis://`, `rediss://`, `redis+sentinel://`, or several nodes of a cluster; see `readRedisAddress`. */
  readonly url: string;
  readonly logger: Logger;
  readonly retention?: RetentionPolicy;
  /** Start of the names of all keys and channels, for deployments that share a Redis. */
  readonly keyPrefix?: string;
  /** When connections have to prove that messages arrive. */
  readonly proofTimes?: ProofTimes;
  /** How long a topic that stands before what was seen of it is waited for before it begins a new epoch. */
  readonly rewindGraceMs?: number;
}

/**
 * After a failover the newest messages that subscribers saw may be missing; those that were not acknowledged are repeated by
 * their publisher, at the same positions. Longer than a publisher's longest pause between two attempts.
 */
const REWIND_GRACE_MS = 10_000;

/**
 * A broker on Redis 6.2 or later, or on a cluster of Redis 7 or later, shared by all processes that use the same Redis and
 * prefix. It has a connection for commands, one for subscriptions and one for history, to each master of a cluster; whether
 * messages flow depends on the first two. The rights that a user of Redis needs are `ACL_RIGHTS` or `ACL_CLUSTER_RIGHTS`; the authority of a certificate that is not publicly trusted is
 * named in `NODE_EXTRA_CA_CERTS`.
 *
 * While Redis is away every call fails with `BrokerUnavailableError`: at once when there is no connection, after 5 s when
 * one stopped answering; nothing is kept to be sent later. What was acknowledged is stored; behind Sentinel and in a cluster
 * also on a replica, as long as there is one. Where Redis loses it nevertheless, in a crash without its data or a failover
 * without a replica, the topic's epoch changes as soon as its publisher publishes again, or when those who saw the lost
 * positions have waited in vain for them to be repeated, or see other messages there.
 */
export function createRedisBroker({
  url,
  logger,
  retention = createRetentionPolicy(),
  keyPrefix = "commcoin",
  proofTimes = PROOF_TIMES,
  rewindGraceMs = REWIND_GRACE_MS,
}: RedisBrokerOptions): Broker {
  const address = readRedisAddress(url);
  const keys = createKeys(keyPrefix, address.db);
  const connect: Connect = (role, at) => {
    const redis = createConnection(address, at, `${keyPrefix}-${role}`);
    link.attach(redis);
    return redis;
  };
  const proofs = createProofs(
    () => nodes,
    (node) =>
      createProof({
        node,
        nodes,
        subscriptions: channels.subscriptionsOf(node),
        keys,
        clock: systemClock,
        times: proofTimes,
        logger,
      }),
  );
  const hide = hidingInReplies(url);
  const changed = (): void => link.update();
  const writes = createWriteCheck({ nodes: () => nodes, keys, clock: systemClock, hide, changed });
  const loading = createLoadingWatch(() => nodes, changed);
  const link = createLink({
    nodes: () => nodes,
    address,
    logger,
    clock: systemClock,
    tick() {
      if (!channels.complete()) channels.repair();
      proofs.tick();
      writes.tick();
      loading.tick();
    },
    hide,
    cause: () => writes.demotion() ?? loading.problem(),
    details: () =>
      proofs.problem() ?? (channels.complete() ? null : "Redis is back, but not all subscriptions are yet."),
  });
  const nodes = address.cluster
    ? createClusterNodes(address, connect, () => {
        channels.repair();
        publisher.moved();
        proofs.tick();
        link.update();
      })
    : createSingleNode(address, connect);
  const channels = createChannels(nodes, {
    changed,
    lost: (node) => proofs.reset(node),
    unknown() {
      proofs.tick();
      link.update();
    },
  });
  const commands = createCommands(nodes);
  const damage = createDamageLog(logger, () => systemClock.monotonic());
  const publisher = createPublisher({
    nodes,
    keys,
    retention,
    known: createKnownPositions(),
    replication:
      address.cluster || address.sentinelGroup !== null
        ? createReplication({ logger, now: () => systemClock.monotonic() })
        : null,
    damage,
  });
  const topics = createRedisTopics({
    commands,
    channels,
    keys,
    retention,
    known: createKnownPositions(),
    rewindGraceMs,
    now: () => systemClock.monotonic(),
    damage,
  });

  return {
    control: createRedisControl({ commands, channels, keys, damage }),
    registry: createRedisRegistry({ commands, keys, damage }),
    leases: createRedisLeases({ commands, keys }),
    users: createRedisUserPresence({ commands, keys, damage }),
    demand: createRedisDemand({ commands, channels, keys, damage }),
    states: createRedisStates({ commands, keys, damage }),
    async start() {
      await link.start();
      try {
        await agreeOnLayout(commands, keys);
      } catch (error) {
        link.close();
        throw error;
      }
    },

    async publish(messages, { fence } = {}) {
      checkFence(fence);
      return publisher.publish(encodeMessages(messages, systemClock.now()), fence);
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
    refusal: () => writes.refusal(),
    watch: (listener) => link.watch(listener),
    proof: () => proofs.summary(),
    damages: () => damage.counts(),
    close() {
      publisher.close();
      channels.close();
      link.close();
      return Promise.resolve();
    },
  };
}
