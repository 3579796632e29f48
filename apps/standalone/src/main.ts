import { runService } from "@commcoin/service/main";
import { standaloneConfig } from "./config.ts";
import { createStandalone } from "./standalone.ts";

await runService({
  name: "standalone",
  schema: standaloneConfig,
  env: process.env,
  create: ({ config, logger }) => createStandalone(config, logger),
});
