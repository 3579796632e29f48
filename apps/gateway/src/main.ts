import { createRedisBroker } from "@commcoin/broker";
import { loadConfig } from "@commcoin/service/config";
import { composeServices, run } from "@commcoin/service/lifecycle";
import { createLogger } from "@commcoin/service/telemetry";
import { gatewayConfig } from "./config.ts";
import { createGateway } from "./gateway.ts";

await run(() => {
  const config = loadConfig(gatewayConfig, process.env);
  const logger = createLogger({
    name: "websocket",
    level: config.LOG_LEVEL,
    moduleLevels: config.RUST_LOG,
    serverId: config.SERVER_ID,
  });
  const broker = createRedisBroker({ url: config.REDIS_URL, logger });
  return composeServices([
    { start: () => broker.start(), stop: () => broker.close() },
    createGateway({ config, broker, logger }),
  ]);
});
