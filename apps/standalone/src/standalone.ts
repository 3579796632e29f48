import { createAdmin } from "@commcoin/admin";
import { createMemoryBroker, createRedisBroker, createRetentionPolicy, serviceOf } from "@commcoin/broker";
import { createGateway } from "@commcoin/gateway";
import { createListener } from "@commcoin/listener";
import { composeServices, type Service } from "@commcoin/service/lifecycle";
import type { Logger } from "@commcoin/service/telemetry";
import type { StandaloneConfig } from "./config.ts";

/**
 * Listener, gateway and admin in one process. They meet in one broker, in memory or in Redis. They start from the
 * broker outwards and stop the other way round: no more events, then no more clients, then no more answers.
 */
export function createStandalone(config: StandaloneConfig, logger: Logger): Service {
  const retention = createRetentionPolicy(config.TOPIC_RETENTION);
  const broker = config.MESSAGE_BROKER_ENABLED
    ? createRedisBroker({ url: config.REDIS_URL, logger, retention })
    : createMemoryBroker({ retention });
  const parts = { config, broker, logger };
  return composeServices([
    serviceOf(broker),
    createAdmin(parts),
    createGateway(parts),
    createListener(parts),
  ]);
}
