import { aclConformance } from "../testing/acl-conformance.ts";
import { startRedisCluster } from "../testing/index.ts";
import { ACL_CLUSTER_RIGHTS } from "./acl.ts";

aclConformance("Redis Cluster broker", ACL_CLUSTER_RIGHTS, async () => {
  const cluster = await startRedisCluster({ masters: 3, replicas: 0 });
  return { url: cluster.url, servers: cluster.masters, stop: () => cluster.stop() };
});
