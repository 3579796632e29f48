export { askRedis } from "./ask-redis.ts";
export { startRedisCluster, type RedisCluster, type RedisClusterOptions } from "./redis-cluster.ts";
export { startRedisSentinel, type RedisSentinel } from "./redis-sentinel.ts";
export { REFUSALS, type Refusal } from "./refusals.ts";
export { until } from "./until.ts";
export { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";
export { startRedisServer, type RedisServer, type RedisServerOptions } from "./redis-server.ts";
