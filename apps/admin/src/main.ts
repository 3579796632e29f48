import "@commcoin/service/supported-node";
import { createRedisBroker, createRetentionPolicy, serviceOf } from "@commcoin/broker";
import { composeServices } from "@commcoin/service/lifecycle";
import { runService } from "@commcoin/service/main";
import { createAdmin } from "./admin.ts";
import { adminConfig } from "./config.ts";

await runService({
  name: "admin",
  schema: adminConfig,
  env: process.env,
  create({ config, logger }) {
    const broker = createRedisBroker({
      url: config.REDIS_URL,
      logger,
      retention: createRetentionPolicy(config.TOPIC_RETENTION),
    });
    return composeServices([serviceOf(broker), createAdmin({ config, broker, logger })]);
  },
});
