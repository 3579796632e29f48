import {
  startRedisCluster,
  startRedisSentinel,
  startRedisServer,
  type RedisCluster,
  type RedisSentinel,
  type RedisServer,
} from "@commcoin/broker/testing";

/** The real servers behind the broker of a cell. */
export type Deployment = { readonly url: string; stop(): Promise<void> } & (
  | { readonly kind: "single"; readonly server: RedisServer }
  | { readonly kind: "sentinel"; readonly group: RedisSentinel }
  | { readonly kind: "cluster"; readonly cluster: RedisCluster }
);

/** How a single Redis keeps its data. */
const PERSISTENCE = {
  log: ["--appendonly", "yes", "--appendfsync", "always"],
  snapshot: ["--save", "3600 1"],
  none: [],
} as const;

export type DeploymentKind = Deployment["kind"];
export type Persistence = keyof typeof PERSISTENCE;

export async function deploy(kind: DeploymentKind, persistence: Persistence): Promise<Deployment> {
  switch (kind) {
    case "single": {
      const server = await startRedisServer({ args: PERSISTENCE[persistence] });
      return { kind, server, url: server.url, stop: () => server.stop() };
    }
    case "sentinel": {
      const group = await startRedisSentinel();
      return { kind, group, url: group.url, stop: () => group.stop() };
    }
    case "cluster": {
      const cluster = await startRedisCluster();
      return { kind, cluster, url: cluster.url, stop: () => cluster.stop() };
    }
  }
}
