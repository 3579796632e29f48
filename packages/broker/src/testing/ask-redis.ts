import { Redis } from "ioredis";
import type { RedisServer } from "./redis-server.ts";

/** Runs one command on one server, over a connection of its own. */
export async function askRedis(
  { url }: Pick<RedisServer, "url">,
  command: string,
  ...args: readonly (string | number)[]
): Promise<unknown> {
  const redis = new Redis(url, { retryStrategy: null });
  redis.on("error", () => {});
  try {
    return await redis.call(command, ...args);
  } finally {
    redis.disconnect();
  }
}
