import { silentLogger } from "@commcoin/service/telemetry";
import type { Broker } from "../broker.ts";
import { brokerConformance, conformanceRetention } from "../conformance/index.ts";
import { addAclUser } from "../testing/acl-user.ts";
import { startRedisCluster } from "../testing/index.ts";
import { ACL_CLUSTER_RIGHTS } from "./acl.ts";
import { createRedisBroker } from "./redis-broker.ts";

/** Runs as a user with the documented rights, which are enough and none too many. */
brokerConformance("Redis Cluster broker", async () => {
  const cluster = await startRedisCluster({ masters: 3, replicas: 0 });
  const user = await addAclUser(cluster.masters, "commcoin", ACL_CLUSTER_RIGHTS);
  const brokers: Broker[] = [];
  return {
    async connect() {
      const broker = createRedisBroker({
        url: user.urlFor(cluster.url),
        retention: conformanceRetention,
        logger: silentLogger,
      });
      brokers.push(broker);
      await broker.start();
      return broker;
    },
    async close() {
      await Promise.all(brokers.map((broker) => broker.close()));
      try {
        await user.check();
      } finally {
        await cluster.stop();
      }
    },
  };
});
