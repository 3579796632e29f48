import { createRedisBroker } from "@commcoin/broker";
import { askRedis, startRedisServer } from "@commcoin/broker/testing";
import { createClient, type NoticeOf } from "@commcoin/client";
import { createGateway, gatewayVariables } from "@commcoin/gateway";
import { loadConfig } from "@commcoin/service/config";
import { silentLogger } from "@commcoin/service/telemetry";
import { eventually } from "@commcoin/tsconfig/eventually";
import { expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";

const TOPIC = "market_data";
const META = `commcoin:{${TOPIC}}:meta`;
const STREAM = `commcoin:{${TOPIC}}:stream`;
const ID = `commcoin:{${TOPIC}}:id:`;

it.each<[what: string, commands: readonly (readonly [string, ...string[]])[]]>([
  ["whose position is a string", [["SET", META, "junk"]]],
  [
    "whose position is a list",
    [
      ["DEL", META],
      ["RPUSH", META, "a", "b"],
    ],
  ],
  ["whose offset is no number", [["HSET", META, "o", "many"]]],
  ["without an epoch", [["HDEL", META, "e"]]],
  [
    "whose messages are a hash",
    [
      ["DEL", STREAM],
      ["HSET", STREAM, "a", "b"],
    ],
  ],
  ["whose messages are ahead of its position", [["XADD", STREAM, "99-0", "a", "b"]]],
  ["that does not know what was published", [["SADD", `${ID}new-1`, "a"]]],
])(
  "a client of a topic %s is told `reset` and gets what comes next, in order",
  async (_, commands) => {
    const server = await startRedisServer();
    onTestFinished(() => server.stop());
    const connect = () => {
      const broker = createRedisBroker({ url: server.url, logger: silentLogger });
      onTestFinished(() => broker.close());
      return broker;
    };
    const [publisher, broker] = [connect(), connect()];
    await Promise.all([publisher.start(), broker.start()]);
    const config = loadConfig(gatewayVariables, {
      SERVER_ID: "gateway-1",
      WEBSOCKET_PORT: "0",
      SHUTDOWN_DRAIN_SECONDS: "0",
    });
    const gateway = createGateway({ config, broker, logger: silentLogger });
    await gateway.start();
    onTestFinished(() => gateway.stop());
    const client = createClient({ url: `ws://127.0.0.1:${gateway.port}/ws`, userId: "alice", WebSocket });
    onTestFinished(() => client.close());
    const seen: string[] = [];
    const lost: NoticeOf<"lost">[] = [];
    client.on("lost", (notice) => {
      lost.push(notice);
      seen.push("lost");
    });
    const { ready } = client.subscribe(TOPIC, ({ id }) => seen.push(id));
    client.connect();
    await ready;
    const publish = (...ids: readonly string[]) =>
      publisher.publish(
        ids.map((id) => ({
          topic: TOPIC,
          type: "UserActivity",
          id,
          data: { user_id: "u", activity_type: "trade", data: id },
        })),
        { fence: 7 },
      );

    await publish("old-1", "old-2", "old-3");
    await eventually(() => expect(seen).toEqual(["old-1", "old-2", "old-3"]));
    for (const command of commands) await askRedis(server, ...command);
    await publish("new-1", "new-2");
    await publish("new-3");
    await eventually(() => expect(seen.slice(3)).toEqual(["lost", "new-1", "new-2", "new-3"]));
    expect(lost).toMatchObject([{ topic: TOPIC }]);
    expect(client.counts()).toMatchObject({ duplicates: 0, gaps: 0 });
    const damages = [...(publisher.damages?.().values() ?? [])];
    expect(damages.reduce((sum, count) => sum + count, 0)).toBe(1);
  },
  30_000,
);
