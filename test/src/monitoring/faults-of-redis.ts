import { setTimeout as delay } from "node:timers/promises";
import { askRedis } from "@commcoin/broker/testing";
import type { Fault } from "./fault.ts";
import { repeatedly } from "./repeatedly.ts";

const STALL_MS = 1_600;
const RUN_MS = 400;
const CUT_EVERY_MS = 1_000;

export const redisFaults: readonly Fault[] = [
  {
    name: "Redis hangs",
    alerts: ["RedisAway", "NotReady", "NobodyPublishes", "NothingPublished"],
    plant({ redis }) {
      redis.pause();
      return Promise.resolve(() => redis.resume());
    },
  },
  {
    name: "Redis stalls for more than a second, again and again",
    alerts: ["RedisSlow", "DeliverySlow"],
    plant: ({ redis }) =>
      Promise.resolve(
        repeatedly(async () => {
          redis.pause();
          await delay(STALL_MS);
          redis.resume();
          await delay(RUN_MS);
        }),
      ),
  },
  {
    name: "Redis is full",
    alerts: ["HeartbeatFails", "CheckpointNotSaved"],
    async plant({ redis }) {
      await askRedis(redis, "CONFIG", "SET", "maxmemory", 1);
      return () => askRedis(redis, "CONFIG", "SET", "maxmemory", 0);
    },
  },
  {
    name: "Redis is the replica of a master that nobody reaches, and read-only",
    alerts: ["LeaseNotTaken"],
    async plant({ redis }) {
      await askRedis(redis, "REPLICAOF", "127.0.0.1", 1);
      return () => askRedis(redis, "REPLICAOF", "NO", "ONE");
    },
  },
  {
    name: "Redis loses its data",
    alerts: ["PositionsLost"],
    async plant({ redis }) {
      await askRedis(redis, "FLUSHALL");
      return () => {};
    },
  },
  {
    name: "the saved checkpoint is damaged, and another listener takes over",
    alerts: ["StateUnreadable"],
    async plant({ redis, listeners }) {
      const [states] = [(await askRedis(redis, "KEYS", "commcoin:{state:*}:values")) as readonly string[]];
      const [key = ""] = states;
      const end = repeatedly(async () => {
        await askRedis(redis, "HSET", key, "checkpoint", "no checkpoint");
        await delay(RUN_MS / 4);
      });
      await Promise.all(listeners.map((listener) => listener.restart()));
      return end;
    },
  },
  {
    name: "a gateway that lost messages may not read history",
    alerts: ["TopicsStandStill"],
    async plant({ redis }) {
      await askRedis(redis, "ACL", "SETUSER", "default", "-xrange");
      const end = repeatedly(async () => {
        await askRedis(redis, "CLIENT", "KILL", "TYPE", "pubsub");
        await delay(CUT_EVERY_MS);
      });
      return async () => {
        await end();
        await askRedis(redis, "ACL", "SETUSER", "default", "+@all");
      };
    },
  },
  {
    name: "what is published does not arrive on a connection that is open",
    alerts: ["DeliveriesInDoubt"],
    plant({ proxy }) {
      const subscribers = new Set<number>();
      proxy.filter((chunk, connection) => {
        if (chunk.includes("$7\r\nmessage\r\n")) subscribers.add(connection);
        return !subscribers.has(connection) || chunk.includes("PONG") || chunk.includes("pong");
      });
      return Promise.resolve(() => proxy.filter(() => true));
    },
  },
];
