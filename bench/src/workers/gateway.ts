import { createRedisBroker } from "@commcoin/broker";
import { createGateway, gatewayConfig, type Gateway } from "@commcoin/gateway";
import { loadConfig } from "@commcoin/service/config";
import { silentLogger } from "@commcoin/service/telemetry";
import { serve } from "@commcoin/harness";

let gateway: Gateway | null = null;

const commands = {
  /** Starts a gateway with the defaults, but for limits on numbers; returns its port. */
  async start(redisUrl: string): Promise<number> {
    const config = loadConfig(gatewayConfig, {
      REDIS_URL: redisUrl,
      WEBSOCKET_PORT: "0",
      WEBSOCKET_MAX_CONNECTIONS: "1000000",
      WEBSOCKET_CONNECTS_PER_SECOND: "0",
      WEBSOCKET_MAX_SUBSCRIPTIONS: "10000",
      WEBSOCKET_MAX_TOPICS: "1000000",
      WEBSOCKET_NEW_TOPICS_PER_SECOND: "1000000",
      WEBSOCKET_EXTRA_TOPICS: "idle",
      WEBSOCKET_HEARTBEAT_INTERVAL: "300",
    });
    const broker = createRedisBroker({ url: config.REDIS_URL, logger: silentLogger });
    await broker.start();
    gateway = createGateway({ config, broker, logger: silentLogger });
    await gateway.start();
    return gateway.port;
  },
  connections: (): number => gateway?.stats().total_connections ?? 0,
};

export type GatewayCommands = typeof commands;

serve(commands);
