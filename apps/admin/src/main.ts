import { createRedisBroker } from "@commcoin/broker";
import { loadConfig } from "@commcoin/service/config";
import { composeServices, run } from "@commcoin/service/lifecycle";
import { createLogger } from "@commcoin/service/telemetry";
import { createAdmin } from "./admin.ts";
import { adminConfig } from "./config.ts";

await run(() => {
  const config = loadConfig(adminConfig, process.env);
  const logger = createLogger({
    name: "admin",
    level: config.LOG_LEVEL,
    moduleLevels: config.RUST_LOG,
    serverId: config.SERVER_ID,
  });
  const broker = createRedisBroker({ url: config.REDIS_URL, logger });
  return composeServices([
    { start: () => broker.start(), stop: () => broker.close() },
    createAdmin({ config, broker, logger }),
  ]);
});
