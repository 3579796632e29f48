import "@commcoin/service/supported-node";
import { STOP_WITHIN_MS } from "@commcoin/service/lifecycle";
import { runService } from "@commcoin/service/main";
import { standaloneConfig } from "./config.ts";
import { createStandalone } from "./standalone.ts";

await runService({
  name: "standalone",
  schema: standaloneConfig,
  env: process.env,
  // Its parts stop one after another.
  drainMs: ({ SHUTDOWN_DRAIN_SECONDS }) => SHUTDOWN_DRAIN_SECONDS * 1_000 + 2 * STOP_WITHIN_MS,
  create: ({ config, logger }) => createStandalone(config, logger),
});
