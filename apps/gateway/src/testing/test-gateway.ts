import { createMemoryBroker, type Broker } from "@commcoin/broker";
import type { ConnectionStats } from "@commcoin/protocol";
import { loadConfig } from "@commcoin/service/config";
import type { Clock } from "@commcoin/service/lifecycle";
import { silentLogger, type Logger } from "@commcoin/service/telemetry";
import { onTestFinished } from "vitest";
import { gatewayVariables } from "../config.ts";
import { createGateway, type Gateway } from "../gateway.ts";
import { connect, type TestClient } from "./test-client.ts";

export interface TestGateway {
  readonly gateway: Gateway;
  readonly broker: Broker;
  readonly url: string;
  readonly httpUrl: string;
  /** Connects and reads the `connected` frame. */
  readonly client: (query?: string) => Promise<TestClient>;
  /** Connects without reading anything. */
  readonly open: (query?: string) => Promise<TestClient>;
  readonly stats: () => Promise<ConnectionStats>;
  /** Publishes `count` activities to a topic, each with a number of its own. */
  readonly publish: (topic: string, count?: number) => Promise<void>;
}

/** A gateway on a port of its own, over a broker in memory; stopped when the test ends. */
export async function startTestGateway(
  environment: Readonly<Record<string, string>> = {},
  {
    broker = createMemoryBroker(),
    logger = silentLogger,
    ...rest
  }: { broker?: Broker; logger?: Logger; clock?: Clock } = {},
): Promise<TestGateway> {
  const config = loadConfig(gatewayVariables, {
    SERVER_ID: "server-1",
    WEBSOCKET_PORT: "0",
    SHUTDOWN_DRAIN_SECONDS: "0",
    ...environment,
  });
  const gateway = createGateway({ config, broker, logger, ...rest });
  await gateway.start();
  onTestFinished(() => gateway.stop());
  const url = `ws://127.0.0.1:${gateway.port}/ws`;
  const httpUrl = `http://127.0.0.1:${gateway.port}`;
  const open = async (query = ""): Promise<TestClient> => {
    const client = await connect(query === "" ? url : `${url}?${query}`);
    onTestFinished(() => client.socket.terminate());
    return client;
  };
  let published = 0;
  return {
    gateway,
    broker,
    url,
    httpUrl,
    open,
    async client(query) {
      const client = await open(query);
      await client.nextOfType("connected");
      return client;
    },
    async stats() {
      const response = await fetch(`${httpUrl}/api/ws/connections`);
      return (await response.json()) as ConnectionStats;
    },
    async publish(topic, count = 1) {
      const messages = Array.from({ length: count }, () => {
        published += 1;
        return {
          topic,
          type: "UserActivity",
          id: `message-${published}`,
          data: { user_id: "u", activity_type: "trade", data: { n: published } },
        };
      });
      await broker.publish(messages);
    },
  };
}
