import { loadConfig } from "@commcoin/service/config";
import { run } from "@commcoin/service/lifecycle";
import { createLogger } from "@commcoin/service/telemetry";
import { standaloneConfig } from "./config.ts";
import { createStandalone } from "./standalone.ts";

await run(() => {
  const config = loadConfig(standaloneConfig, process.env);
  const logger = createLogger({
    name: "standalone",
    level: config.LOG_LEVEL,
    moduleLevels: config.RUST_LOG,
    serverId: config.SERVER_ID,
  });
  return createStandalone(config, logger);
});
