import { askRedis as ask } from "./ask-redis.ts";
import { isInStep } from "./is-in-step.ts";
import { startRedisServer, type RedisServer } from "./redis-server.ts";
import { until } from "./until.ts";

const SLOTS = 16_384;
const HOST = "127.0.0.1";
const FORM_TIMEOUT_MS = 30_000;
/** Short, so that tests of failovers are. */
const NODE_TIMEOUT_MS = 2_000;
/** A topic cannot be published to while its slot moves: as many keys at once as Redis moves in a few milliseconds. */
const KEYS_PER_STEP = 1_000;

export interface RedisClusterOptions {
  readonly masters?: number;
  /** Of each master. */
  readonly replicas?: number;
}

/** A real Redis Cluster of a test's own. */
export interface RedisCluster {
  /** Names its nodes, comma-separated. */
  readonly url: string;
  readonly masters: readonly RedisServer[];
  /** In the order of the masters that they were started for. */
  readonly replicas: readonly RedisServer[];
  /** The server that holds the slot of a key, as the cluster sees it now. */
  ownerOf(key: string): Promise<RedisServer>;
  /** Moves the slot of a key, with everything in it, while the cluster is in use. */
  moveSlot(key: string, to: RedisServer): Promise<void>;
  stop(): Promise<void>;
}

const within = (condition: () => Promise<boolean>, what: string): Promise<void> =>
  until(condition, {
    withinMs: FORM_TIMEOUT_MS,
    otherwise: `The Redis Cluster of this test did not come about: ${what}.`,
  });

async function form(masters: readonly RedisServer[], replicas: readonly RedisServer[]): Promise<void> {
  const servers = [...masters, ...replicas];
  const [first] = masters;
  for (const [index, server] of masters.entries()) {
    const start = Math.ceil((index * SLOTS) / masters.length);
    const end = Math.ceil(((index + 1) * SLOTS) / masters.length) - 1;
    await ask(server, "CLUSTER", "ADDSLOTSRANGE", start, end);
  }
  for (const [index, server] of servers.entries()) {
    await ask(server, "CLUSTER", "SET-CONFIG-EPOCH", index + 1);
    if (first !== undefined && server !== first) await ask(server, "CLUSTER", "MEET", HOST, first.port);
  }
  const all = async (test: (server: RedisServer) => Promise<boolean>): Promise<boolean> =>
    (await Promise.all(servers.map(test))).every(Boolean);
  await within(
    () =>
      all(async (server) => {
        const lines = String(await ask(server, "CLUSTER", "NODES"))
          .trim()
          .split("\n");
        return lines.length === servers.length && lines.every((line) => !line.includes("handshake"));
      }),
    "not all nodes know each other",
  );
  for (const [index, replica] of replicas.entries()) {
    const master = masters[index % masters.length];
    if (master !== undefined)
      await ask(replica, "CLUSTER", "REPLICATE", String(await ask(master, "CLUSTER", "MYID")));
  }
  await within(
    async () =>
      (await all(async (server) =>
        String(await ask(server, "CLUSTER", "INFO")).includes("cluster_state:ok"),
      )) &&
      (
        await Promise.all(
          replicas.map(async (replica, index) => {
            const master = masters[index % masters.length];
            return master !== undefined && (await isInStep(replica, master));
          }),
        )
      ).every(Boolean) &&
      (
        await Promise.all(
          masters.map(async (master) => {
            const view = String(await ask(master, "CLUSTER", "NODES"));
            return (view.match(/ slave /g) ?? []).length === replicas.length;
          }),
        )
      ).every(Boolean),
    "not all nodes are well",
  );
}

/** Starts a Redis Cluster and waits until all its nodes agree and replicate. */
export async function startRedisCluster({
  masters = 3,
  replicas = 1,
}: RedisClusterOptions = {}): Promise<RedisCluster> {
  const servers: RedisServer[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()));
  };
  try {
    const starting = Array.from({ length: masters * (1 + replicas) }, async () => {
      const server = await startRedisServer({
        cluster: true,
        args: ["--cluster-node-timeout", String(NODE_TIMEOUT_MS), "--repl-diskless-sync-delay", "0"],
      });
      servers.push(server);
    });
    for (const result of await Promise.allSettled(starting))
      if (result.status === "rejected") throw result.reason;
    await form(servers.slice(0, masters), servers.slice(masters));
  } catch (error) {
    await stop();
    throw error;
  }

  const ownerOf = async (key: string): Promise<RedisServer> => {
    for (const server of servers) {
      const ranges = await ask(server, "CLUSTER", "SLOTS").catch(() => null);
      if (ranges === null) continue;
      const slot = Number(await ask(server, "CLUSTER", "KEYSLOT", key));
      for (const [first, last, [, port]] of ranges as [number, number, [string, number]][]) {
        const owner = servers.find((each) => each.port === port);
        if (slot >= first && slot <= last && owner !== undefined) return owner;
      }
    }
    throw new Error(`No server holds the slot of ${key}.`);
  };
  return {
    url: `redis://${servers.map(({ port }) => `${HOST}:${port}`).join(",")}`,
    masters: servers.slice(0, masters),
    replicas: servers.slice(masters),
    ownerOf,
    async moveSlot(key, to) {
      const from = await ownerOf(key);
      const slot = Number(await ask(to, "CLUSTER", "KEYSLOT", key));
      const ids = {
        from: String(await ask(from, "CLUSTER", "MYID")),
        to: String(await ask(to, "CLUSTER", "MYID")),
      };
      await ask(to, "CLUSTER", "SETSLOT", slot, "IMPORTING", ids.from);
      await ask(from, "CLUSTER", "SETSLOT", slot, "MIGRATING", ids.to);
      for (;;) {
        const keys = (await ask(from, "CLUSTER", "GETKEYSINSLOT", slot, KEYS_PER_STEP)) as string[];
        if (keys.length === 0) break;
        await ask(from, "MIGRATE", HOST, to.port, "", 0, 5_000, "KEYS", ...keys);
      }
      await ask(to, "CLUSTER", "SETSLOT", slot, "NODE", ids.to);
      await ask(from, "CLUSTER", "SETSLOT", slot, "NODE", ids.to);
    },
    stop,
  };
}
