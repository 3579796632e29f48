import { createRedisBroker, serviceOf } from "@commcoin/broker";
import { composeServices } from "@commcoin/service/lifecycle";
import { runService } from "@commcoin/service/main";
import { gatewayConfig } from "./config.ts";
import { createGateway } from "./gateway.ts";

await runService({
  name: "websocket",
  schema: gatewayConfig,
  env: process.env,
  create({ config, logger }) {
    const broker = createRedisBroker({ url: config.REDIS_URL, logger });
    return composeServices([serviceOf(broker), createGateway({ config, broker, logger })]);
  },
});
