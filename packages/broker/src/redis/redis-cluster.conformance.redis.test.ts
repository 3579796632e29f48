import { silentLogger } from "@commcoin/service/telemetry";
import type { Broker } from "../broker.ts";
import { brokerConformance, conformanceRetention } from "../conformance/index.ts";
import { startRedisCluster } from "../testing/index.ts";
import { createRedisBroker } from "./redis-broker.ts";

brokerConformance("Redis Cluster broker", async () => {
  const cluster = await startRedisCluster({ masters: 3, replicas: 0 });
  const brokers: Broker[] = [];
  return {
    async connect() {
      const broker = createRedisBroker({
        url: cluster.url,
        retention: conformanceRetention,
        logger: silentLogger,
      });
      brokers.push(broker);
      await broker.start();
      return broker;
    },
    async close() {
      await Promise.all(brokers.map((broker) => broker.close()));
      await cluster.stop();
    },
  };
});
