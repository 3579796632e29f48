export { startRedisCluster, type RedisCluster, type RedisClusterOptions } from "./redis-cluster.ts";
export { startRedisServer, type RedisServer, type RedisServerOptions } from "./redis-server.ts";
