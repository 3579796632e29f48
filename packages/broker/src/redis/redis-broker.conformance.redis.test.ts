import { silentLogger } from "@commcoin/service/telemetry";
import type { Broker } from "../broker.ts";
import { brokerConformance, conformanceRetention } from "../conformance/index.ts";
import { startRedisServer } from "../testing/index.ts";
import { createRedisBroker } from "./redis-broker.ts";

brokerConformance("Redis broker", async () => {
  const server = await startRedisServer();
  const brokers: Broker[] = [];
  return {
    async connect() {
      const broker = createRedisBroker({
        url: server.url,
        retention: conformanceRetention,
        logger: silentLogger,
      });
      brokers.push(broker);
      await broker.start();
      return broker;
    },
    async close() {
      await Promise.all(brokers.map((broker) => broker.close()));
      await server.stop();
    },
  };
});
