import { createMemoryBroker, createRedisBroker, type Broker } from "@commcoin/broker";
import { createGateway, gatewayConfig } from "@commcoin/gateway";
import { serve } from "@commcoin/harness";
import { createListener, listenerConfig } from "@commcoin/listener";
import { loadConfig } from "@commcoin/service/config";
import { silentLogger } from "@commcoin/service/telemetry";
import type { NodeUrls } from "./node.ts";

const listenTo = ({ httpUrl, wsUrl }: NodeUrls, broker: Broker): Promise<void> => {
  const config = loadConfig(listenerConfig, {
    LISTENER_PORT: "0",
    SOLANA_RPC_URL: httpUrl,
    SOLANA_WS_URL: wsUrl,
  });
  return createListener({ config, broker, logger: silentLogger }).start();
};

const commands = {
  /** Listener and gateway in one process, on a broker in memory; returns the gateway's port. */
  async startStandalone(node: NodeUrls): Promise<number> {
    const broker = createMemoryBroker();
    await broker.start();
    const config = loadConfig(gatewayConfig, { WEBSOCKET_PORT: "0" });
    const gateway = createGateway({ config, broker, logger: silentLogger });
    await gateway.start();
    await listenTo(node, broker);
    return gateway.port;
  },
  /** A listener alone, on a Redis. */
  async startListener(node: NodeUrls, redisUrl: string): Promise<void> {
    const { REDIS_URL: url } = loadConfig(gatewayConfig, { REDIS_URL: redisUrl });
    const broker = createRedisBroker({ url, logger: silentLogger });
    await broker.start();
    await listenTo(node, broker);
  },
};

export type IngestionCommands = typeof commands;

serve(commands);
