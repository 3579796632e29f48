import { askRedis } from "./ask-redis.ts";
import type { RedisServer } from "./redis-server.ts";

/**
 * Whether a replica has its master's data set and both know it: a replica says so a moment before its master has noticed,
 * and a master says so of a replica that only begins to load a file.
 */
export async function isInStep(replica: RedisServer, master: RedisServer): Promise<boolean> {
  const [ofReplica, ofMaster] = await Promise.all([
    askRedis(replica, "INFO", "replication"),
    askRedis(master, "INFO", "replication"),
  ]);
  return (
    String(ofReplica).includes("master_link_status:up") &&
    new RegExp(String.raw`^slave\d+:.*\bport=${replica.port},state=online\b`, "m").test(String(ofMaster))
  );
}
