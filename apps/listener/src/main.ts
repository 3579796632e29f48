import "@commcoin/service/supported-node";
import { createRedisBroker, createRetentionPolicy, serviceOf } from "@commcoin/broker";
import { composeServices } from "@commcoin/service/lifecycle";
import { runService } from "@commcoin/service/main";
import { createListener, listenerConfig } from "./index.ts";

await runService({
  name: "listener",
  schema: listenerConfig,
  env: process.env,
  create({ config, logger }) {
    const broker = createRedisBroker({
      url: config.REDIS_URL,
      logger,
      retention: createRetentionPolicy(config.TOPIC_RETENTION),
    });
    return composeServices([serviceOf(broker), createListener({ config, broker, logger })]);
  },
});
