import type { Redis } from "ioredis";
import type { RedisAddress } from "@commcoin/service/config";
import { nameOf, readClusterMap, type ClusterView, type HostAndPort } from "./cluster-map.ts";
import { connectionsOf, createNode, type Connect, type Nodes, type RedisNode } from "./nodes.ts";
import { SLOTS } from "./slot.ts";

/** How often the cluster is asked who holds what, while all is well. */
const POLL_MS = 5_000;
/** And while something is not: a failover should be noticed as soon as it happened. */
const POLL_IN_TROUBLE_MS = 250;
/** A node that takes longer is left out. */
const VIEW_TIMEOUT_MS = 1_500;
/** Addresses asked at once when no node that is known answers. */
const MAX_SCOUTS = 16;

const withTimeout = <Result>(promise: Promise<Result>, ms: number): Promise<Result | null> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), ms);
    promise
      .then(resolve, () => resolve(null))
      .finally(() => {
        clearTimeout(timer);
      });
  });

async function viewOf(redis: Redis, from: HostAndPort): Promise<ClusterView | null> {
  const text = await withTimeout(redis.cluster("NODES"), VIEW_TIMEOUT_MS);
  return typeof text === "string" ? { from, text } : null;
}

/**
 * The masters of a Redis Cluster. Asks all of them who holds which slot, every few seconds, four times a second while
 * something is wrong, and at once when a node says that it does not hold what it was asked for; when none of them answers,
 * every address at which a node was ever seen. Masters that lost all their slots are let go.
 * @param changed is called when slots changed hands.
 */
export function createClusterNodes(address: RedisAddress, connect: Connect, changed: () => void): Nodes {
  const nodes = new Map<string, RedisNode>();
  const addresses = new Map<string, HostAndPort>(address.hosts.map((host) => [nameOf(host), host]));
  let owners: readonly (RedisNode | null)[] = [];
  let uncovered = SLOTS;
  let refreshing: Promise<void> | null = null;
  let refreshedAt = 0;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const apply = (views: readonly ClusterView[]): void => {
    const map = readClusterMap(views, address.tls);
    if (map.owners.every((owner) => owner === null)) return;
    for (const each of map.addresses) addresses.set(nameOf(each), each);
    const before = owners;
    const inUse = new Set<string>();
    const found = map.owners.map((owner) => {
      if (owner === null) return null;
      const name = nameOf(owner);
      inUse.add(name);
      const node = nodes.get(name) ?? createNode(name, connect, owner);
      if (!nodes.has(name)) {
        nodes.set(name, node);
        for (const redis of connectionsOf(node)) redis.connect().catch(() => {});
      }
      return node;
    });
    owners = found;
    uncovered = found.filter((owner) => owner === null).length;
    const left = [...nodes].filter(([name]) => !inUse.has(name));
    for (const [name] of left) nodes.delete(name);
    if (found.some((owner, slot) => owner !== before[slot])) changed();
    for (const [, node] of left) {
      for (const redis of connectionsOf(node)) redis.disconnect();
    }
  };

  const scout = async (at: HostAndPort): Promise<ClusterView | null> => {
    const redis = connect("scout", at);
    try {
      if ((await withTimeout(redis.connect(), VIEW_TIMEOUT_MS)) === null && redis.status !== "ready")
        return null;
      return await viewOf(redis, at);
    } finally {
      redis.disconnect();
    }
  };
  const present = (views: readonly (ClusterView | null)[]): readonly ClusterView[] =>
    views.filter((view) => view !== null);

  const look = async (): Promise<void> => {
    const asked = [...nodes.values()].filter(({ commands }) => commands.status === "ready");
    let views = present(
      await Promise.all(
        asked.map(async ({ name, commands }) => {
          const at = addresses.get(name);
          return at === undefined ? null : viewOf(commands, at);
        }),
      ),
    );
    if (views.length === 0 && !closed) {
      views = present(await Promise.all([...addresses.values()].slice(0, MAX_SCOUTS).map(scout)));
    }
    if (!closed && views.length > 0) apply(views);
  };
  const refresh = (): Promise<void> => {
    refreshing ??= look().finally(() => {
      refreshing = null;
      refreshedAt = performance.now();
    });
    return refreshing;
  };
  const troubled = (): boolean =>
    uncovered > 0 ||
    [...nodes.values()].some(
      ({ commands, subscriptions }) => commands.status !== "ready" || subscriptions.status !== "ready",
    );

  return {
    sharded: true,
    open() {
      void refresh();
      timer = setInterval(() => {
        if (troubled() || performance.now() - refreshedAt >= POLL_MS) void refresh();
      }, POLL_IN_TROUBLE_MS);
    },
    all: () => [...nodes.values()],
    at: (slot) => owners[slot] ?? null,
    refresh,
    problem() {
      if (nodes.size === 0) return "no node of the cluster answers";
      return uncovered === 0 ? null : `${uncovered} of ${SLOTS} slots of the cluster have no master`;
    },
    close() {
      closed = true;
      clearInterval(timer);
      for (const node of nodes.values()) {
        for (const redis of connectionsOf(node)) redis.disconnect();
      }
    },
  };
}
