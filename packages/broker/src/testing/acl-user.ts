import type { Redis } from "ioredis";
import type { RedisServer } from "./redis-server.ts";
import { withRedis } from "./with-redis.ts";

/** A user who may do what the given rights say, and nothing else. */
export interface AclUser {
  /** The address with the user's name and password in it. */
  urlFor(url: string): string;
  /** @throws when the user was refused anything, or nobody ran a command that the rights name. */
  check(): Promise<void>;
}

const NAME = "app";
const PASSWORD = "sesame";

const onAll = <Result>(
  servers: readonly RedisServer[],
  work: (redis: Redis) => Promise<Result>,
): Promise<Result[]> => Promise.all(servers.map(({ url }) => withRedis(url, work)));

export async function addAclUser(
  servers: readonly RedisServer[],
  keyPrefix: string,
  rights: string,
): Promise<AclUser> {
  const rules = `on >${PASSWORD} ~${keyPrefix}:* resetchannels &${keyPrefix}:* -@all ${rights}`;
  await onAll(servers, (redis) => redis.call("ACL", "SETUSER", NAME, ...rules.split(" ")));
  return {
    urlFor: (url) => url.replace("://", `://${NAME}:${PASSWORD}@`),
    async check() {
      const refusals = (await onAll(servers, (redis) => redis.call("ACL", "LOG"))).flat();
      if (refusals.length > 0) throw new Error(`The rights do not suffice: ${JSON.stringify(refusals)}`);
      const stats = (await onAll(servers, (redis) => redis.info("commandstats"))).join("\n");
      const unused = rights.split(" ").filter((right) => !stats.includes(`cmdstat_${right.slice(1)}:`));
      if (unused.length > 0) throw new Error(`Nobody needs the rights ${unused.join(" ")}`);
    },
  };
}
