import { Redis } from "ioredis";
import type { RedisServer } from "./redis-server.ts";

/** A user who may do what the given rights say, and nothing else. */
export interface AclUser {
  /** The address with the user's name and password in it. */
  urlFor(url: string): string;
  /** What the user tried and was not allowed to, on any of the servers. */
  refusals(): Promise<readonly string[]>;
  /** Those of the commands named by `+` in the rights that nobody ran. */
  unused(): Promise<readonly string[]>;
}

const NAME = "app";
const PASSWORD = "sesame";

async function onAll<Result>(
  servers: readonly RedisServer[],
  work: (redis: Redis) => Promise<Result>,
): Promise<Result[]> {
  return Promise.all(
    servers.map(async ({ url }) => {
      const redis = new Redis(url);
      try {
        return await work(redis);
      } finally {
        redis.disconnect();
      }
    }),
  );
}

export async function addAclUser(
  servers: readonly RedisServer[],
  keyPrefix: string,
  rights: string,
): Promise<AclUser> {
  const rules = `on >${PASSWORD} ~${keyPrefix}:* resetchannels &${keyPrefix}:* -@all ${rights}`;
  await onAll(servers, (redis) => redis.call("ACL", "SETUSER", NAME, ...rules.split(" ")));
  return {
    urlFor: (url) => url.replace("://", `://${NAME}:${PASSWORD}@`),
    async refusals() {
      const logs = await onAll(servers, (redis) => redis.call("ACL", "LOG"));
      return logs.flat().map((entry) => JSON.stringify(entry));
    },
    async unused() {
      const stats = (await onAll(servers, (redis) => redis.info("commandstats"))).join("\n");
      return rights
        .split(" ")
        .map((right) => right.slice(1))
        .filter((command) => !stats.includes(`cmdstat_${command}:`));
    },
  };
}
