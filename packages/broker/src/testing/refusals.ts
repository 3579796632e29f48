import { mkdir, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { askRedis } from "./ask-redis.ts";
import type { RedisServer } from "./redis-server.ts";

/** A state of Redis in which it answers, and refuses writes. */
export interface Refusal {
  /** The word with which Redis refuses. */
  readonly word: string;
  readonly begin: (server: RedisServer) => Promise<void>;
  readonly end: (server: RedisServer) => Promise<void>;
}

const configure = async (server: RedisServer, ...settings: readonly string[]): Promise<void> => {
  await askRedis(server, "CONFIG", "SET", ...settings);
};

/** What stands in the place of the file cannot be replaced by it. */
const snapshotOf = ({ directory }: RedisServer): string => join(directory, "dump.rdb");

/** The ways in which a Redis that runs comes to refuse writes. */
export const REFUSALS = {
  full: {
    word: "OOM",
    begin: (server) => configure(server, "maxmemory-policy", "noeviction", "maxmemory", "1"),
    end: (server) => configure(server, "maxmemory", "0"),
  },
  "cannot-save": {
    word: "MISCONF",
    begin: async (server) => {
      await mkdir(join(snapshotOf(server), "in-the-way"), { recursive: true });
      await configure(server, "save", "3600 1");
      await askRedis(server, "BGSAVE");
    },
    end: async (server) => {
      await rmdir(join(snapshotOf(server), "in-the-way"));
      await rmdir(snapshotOf(server));
      await askRedis(server, "BGSAVE");
    },
  },
  "no-replicas": {
    word: "NOREPLICAS",
    begin: (server) => configure(server, "min-replicas-to-write", "1"),
    end: (server) => configure(server, "min-replicas-to-write", "0"),
  },
  "read-only": {
    word: "READONLY",
    begin: async (server) => {
      await askRedis(server, "REPLICAOF", "127.0.0.1", 1);
    },
    end: async (server) => {
      await askRedis(server, "REPLICAOF", "NO", "ONE");
    },
  },
} as const satisfies Readonly<Record<string, Refusal>>;
