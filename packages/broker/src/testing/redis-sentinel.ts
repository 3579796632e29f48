import { askRedis } from "./ask-redis.ts";
import { isInStep } from "./is-in-step.ts";
import { startRedisServer, type RedisServer } from "./redis-server.ts";
import { until } from "./until.ts";

const HOST = "127.0.0.1";
const GROUP = "main";
const START_TIMEOUT_MS = 30_000;
/** Short, so that tests of failovers are. */
const DOWN_AFTER_MS = 2_000;

/** A real master with a replica, watched by a real Sentinel. */
export interface RedisSentinel {
  readonly url: string;
  readonly master: RedisServer;
  readonly replica: RedisServer;
  readonly sentinel: RedisServer;
  /** Cuts the replica off from the master, so that nothing more is replicated. */
  stopReplication(): Promise<void>;
  resumeReplication(): Promise<void>;
  stop(): Promise<void>;
}

const within = (condition: () => Promise<boolean>, what: string): Promise<void> =>
  until(condition, {
    withinMs: START_TIMEOUT_MS,
    otherwise: `Sentinel of this test did not come about: ${what}.`,
  });

/** Starts a master, its replica and a Sentinel, and waits until they know each other. */
export async function startRedisSentinel(): Promise<RedisSentinel> {
  const servers: RedisServer[] = [];
  const start = async (options: Parameters<typeof startRedisServer>[0]): Promise<RedisServer> => {
    const server = await startRedisServer(options);
    servers.push(server);
    return server;
  };
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()));
  };
  try {
    // Replication has a user of its own, who can be locked out.
    const master = await start({
      args: ["--user", "replicator", "on", ">secret", "~*", "&*", "+@all", "--repl-diskless-sync-delay", "0"],
    });
    const replica = await start({
      args: [
        "--replicaof",
        HOST,
        String(master.port),
        "--masteruser",
        "replicator",
        "--masterauth",
        "secret",
      ],
    });
    await within(() => isInStep(replica, master), "the replica does not replicate");
    const sentinel = await start({
      args: ["--sentinel"],
      config: [
        `sentinel monitor ${GROUP} ${HOST} ${master.port} 1`,
        `sentinel down-after-milliseconds ${GROUP} ${DOWN_AFTER_MS}`,
        `sentinel failover-timeout ${GROUP} 2000`,
        "",
      ].join("\n"),
    });
    await within(
      async () => ((await askRedis(sentinel, "SENTINEL", "REPLICAS", GROUP)) as unknown[]).length === 1,
      "Sentinel does not know the replica",
    );
    return {
      url: `redis+sentinel://${HOST}:${sentinel.port}/${GROUP}`,
      master,
      replica,
      sentinel,
      async stopReplication() {
        await askRedis(master, "ACL", "SETUSER", "replicator", "off");
        await askRedis(master, "CLIENT", "KILL", "TYPE", "replica");
      },
      async resumeReplication() {
        await askRedis(master, "ACL", "SETUSER", "replicator", "on");
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
