import "@commcoin/service/supported-node";
import { createRedisBroker, createRetentionPolicy, serviceOf } from "@commcoin/broker";
import { composeServices } from "@commcoin/service/lifecycle";
import { runService } from "@commcoin/service/main";
import { fileURLToPath } from "node:url";
import { gatewayConfig } from "./config.ts";
import { createGateway } from "./gateway.ts";
import { createSupervisor } from "./workers/supervisor.ts";
import { linkToSupervisor } from "./workers/supervisor-link.ts";
import { forkWorkers } from "./workers/worker-process.ts";

/** After it kills those that do not end: two seconds more than each has. */
const WORKERS_GRACE_MS = 2_000;

const link = linkToSupervisor(process);

await runService({
  name: "websocket",
  schema: gatewayConfig,
  env: process.env,
  // A supervisor outlives its workers.
  drainMs: ({ SHUTDOWN_DRAIN_SECONDS, GATEWAY_WORKERS }) =>
    SHUTDOWN_DRAIN_SECONDS * 1_000 + (GATEWAY_WORKERS > 1 ? WORKERS_GRACE_MS : 0),
  ...link?.runOptions,
  create({ config, logger }) {
    if (link === null && config.GATEWAY_WORKERS > 1) {
      const startWorker = forkWorkers(fileURLToPath(import.meta.url), process.env);
      return createSupervisor({ config, logger, startWorker });
    }
    const broker = createRedisBroker({
      url: config.REDIS_URL,
      logger,
      retention: createRetentionPolicy(config.TOPIC_RETENTION),
    });
    const worker = link === null ? {} : { worker: { number: link.worker, all: link.all } };
    const gateway = createGateway({ config, broker, logger, ...worker });
    return composeServices([
      serviceOf(broker),
      gateway,
      ...(link === null ? [] : [link.serve(gateway.reports)]),
    ]);
  },
});
