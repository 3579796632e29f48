import { createRedisBroker } from "@commcoin/broker";
import { loadConfig } from "@commcoin/service/config";
import { composeServices, run } from "@commcoin/service/lifecycle";
import { createLogger } from "@commcoin/service/telemetry";
import { createListener, listenerConfig } from "./index.ts";

await run(() => {
  const config = loadConfig(listenerConfig, process.env);
  const logger = createLogger({
    name: "listener",
    level: config.LOG_LEVEL,
    moduleLevels: config.RUST_LOG,
    serverId: config.SERVER_ID,
  });
  const broker = createRedisBroker({ url: config.REDIS_URL, logger });
  return composeServices([
    { start: () => broker.start(), stop: () => broker.close() },
    createListener({ config, broker, logger }),
  ]);
});
