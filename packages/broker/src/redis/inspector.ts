import { readRedisAddress, type RedisAddress } from "@commcoin/service/config";
import { silentLogger } from "@commcoin/service/telemetry";
import type { Redis } from "ioredis";
import type { OutgoingMessage } from "../broker.ts";
import type { RegisteredServer } from "../registry.ts";
import { nameOf, readClusterMap, type HostAndPort } from "./cluster-map.ts";
import { createConnection } from "./connect.ts";
import { hidingInReplies } from "./hide-replies.ts";
import { inspectNode, wordsOf, type InspectedNode } from "./inspect-node.ts";
import { createKeys } from "./keys.ts";
import { createRedisBroker } from "./redis-broker.ts";
import { SLOTS } from "./slot.ts";
import { withinMs } from "./within-ms.ts";

export type { InspectedNode } from "./inspect-node.ts";

export interface RedisInspection {
  /** Where it is, without secrets. */
  readonly display: string;
  /** The Redis, or each master of a cluster, that answered. */
  readonly nodes: readonly InspectedNode[];
  /** What is wrong with the whole, or with nodes that did not answer, as sentences. */
  readonly problems: readonly string[];
  /** Whether several nodes share the keys, or sentinels watch it: replicas stand in for its files then. */
  readonly replicated: boolean;
}

/** Looks at a deployment's Redis from outside of its services. */
export interface RedisInspector {
  inspect(): Promise<RedisInspection>;
  /** What the registry holds. @throws when Redis does not answer. */
  servers(): Promise<readonly RegisteredServer[]>;
  /** @throws when Redis does not store it. */
  publish(message: OutgoingMessage): Promise<void>;
  close(): Promise<void>;
}

const CONNECT_MS = 3_000;
const SERVICES_MS = 3_000;
const PREFIX = "commcoin";

/** @throws with the reason for which a connection could not be made. */
async function open(redis: Redis): Promise<Redis> {
  let reason: unknown = null;
  redis.on("error", (error: Error & { readonly lastNodeError?: Error }) => {
    reason = error.lastNodeError ?? error;
  });
  const ready = new Promise<void>((resolve, reject) => {
    redis.once("ready", resolve);
    // One that is refused would be tried again for ever.
    redis.once("close", () => setImmediate(() => reject(reason ?? new Error("the connection was closed"))));
    redis.connect().catch((error: unknown) => setImmediate(() => reject(reason ?? error)));
  });
  try {
    await withinMs(CONNECT_MS, ready);
    return redis;
  } catch (error) {
    redis.disconnect();
    throw reason ?? error;
  }
}

interface Targets {
  readonly at: readonly (HostAndPort | null)[];
  readonly holds: ((at: HostAndPort | null) => (slot: number) => boolean) | null;
  readonly problems: readonly string[];
}

/** Which nodes take writes. @throws when no node of a cluster answers. */
async function findTargets(
  address: RedisAddress,
  connection: (at: HostAndPort | null) => Redis,
): Promise<Targets> {
  if (!address.cluster) return { at: [null], holds: null, problems: [] };
  const asked = await Promise.allSettled(
    address.hosts.map(async (from) => {
      const redis = await open(connection(from));
      return { from, text: String(await withinMs(CONNECT_MS, redis.cluster("NODES"))) };
    }),
  );
  const views = asked.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  const problems = asked.flatMap((each, index) => {
    const host = address.hosts[index];
    return each.status === "rejected" && host !== undefined
      ? [`${nameOf(host)} does not answer: ${wordsOf(each.reason)}`]
      : [];
  });
  if (views.length === 0) throw new Error(problems.join(", "));
  const { owners } = readClusterMap(views, address.tls);
  const uncovered = owners.filter((owner) => owner === null).length;
  const masters = new Map(owners.flatMap((owner) => (owner === null ? [] : [[nameOf(owner), owner]])));
  return {
    at: [...masters.values()],
    holds: (at) => (slot) => {
      const owner = owners[slot];
      return at !== null && owner !== null && owner !== undefined && nameOf(owner) === nameOf(at);
    },
    problems:
      uncovered === 0
        ? problems
        : [...problems, `${uncovered} of ${SLOTS} slots of the cluster have no master`],
  };
}

/**
 * Connects to the Redis that `REDIS_URL` means. Every call ends within some seconds, whatever Redis does.
 * @throws with a reason that holds no secret, when Redis cannot be reached or refuses the login.
 */
export async function connectToInspect(url: string): Promise<RedisInspector> {
  const address = readRedisAddress(url);
  const hide = hidingInReplies(url);
  const keys = createKeys(PREFIX, address.db);
  const opened: Redis[] = [];
  const connection = (at: HostAndPort | null): Redis => {
    const redis = createConnection(address, at, `${PREFIX}-doctor`);
    opened.push(redis);
    return redis;
  };
  const disconnect = (): void => {
    for (const redis of opened) redis.disconnect();
  };
  const broker = createRedisBroker({ url, logger: silentLogger });
  try {
    const { at: targets, holds, problems } = await findTargets(address, connection);
    const connections = await Promise.allSettled(
      targets.map(async (at) => ({
        at,
        name: nameOf(at ?? address.hosts[0] ?? { host: "", port: 0 }),
        commands: await open(connection(at)),
        subscriptions: await open(connection(at)),
      })),
    );
    const nodes = connections.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    const away = connections.flatMap((each) =>
      each.status === "rejected" ? [hide(wordsOf(each.reason))] : [],
    );
    if (nodes.length === 0) throw new Error(away.join(", "));
    // What keeps messages from arriving keeps nobody from asking who is there.
    const started = withinMs(SERVICES_MS, broker.start()).then(() => null, wordsOf);
    return {
      async inspect() {
        const inspected = await Promise.allSettled(
          nodes.map((node) => inspectNode(node, keys, holds === null ? null : holds(node.at))),
        );
        const silentNodes = inspected.flatMap((each, index) =>
          each.status === "rejected"
            ? [`${nodes[index]?.name} does not answer: ${hide(wordsOf(each.reason))}`]
            : [],
        );
        // A service that starts is told what keeps it from working here, such as another layout of the keys.
        const refusedStart = silentNodes.length === 0 ? await started : null;
        const isExplained = inspected.some(
          (each) =>
            each.status === "fulfilled" && (each.value.refusal !== null || each.value.deafness !== null),
        );
        return {
          display: address.display,
          nodes: inspected.flatMap((each) =>
            each.status === "fulfilled"
              ? [
                  {
                    ...each.value,
                    refusal: each.value.refusal === null ? null : hide(each.value.refusal),
                    deafness: each.value.deafness === null ? null : hide(each.value.deafness),
                  },
                ]
              : [],
          ),
          problems: [
            ...problems.map(hide),
            ...away,
            ...silentNodes,
            ...(refusedStart === null || isExplained ? [] : [hide(refusedStart)]),
          ],
          replicated: address.cluster || address.sentinelGroup !== null,
        };
      },
      async servers() {
        await started;
        return withinMs(SERVICES_MS, broker.registry.servers());
      },
      async publish(message) {
        await started;
        await withinMs(SERVICES_MS, broker.publish([message]));
      },
      async close() {
        disconnect();
        await broker.close();
      },
    };
  } catch (error) {
    disconnect();
    await broker.close();
    // Without its cause, which holds the words as they came.
    throw new Error(hide(wordsOf(error)));
  }
}
