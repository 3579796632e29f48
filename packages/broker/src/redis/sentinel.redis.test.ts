import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Broker } from "../broker.ts";
import {
  activity,
  countTo,
  eventually,
  follow,
  freshTopic,
  idOf,
  offsetsOf,
} from "../conformance/support.ts";
import { startRedisServer, type RedisServer } from "../testing/index.ts";
import { createTestBrokers } from "../testing/test-brokers.ts";
import { withRedis } from "../testing/with-redis.ts";

describe("Redis broker behind Sentinel", () => {
  const servers: RedisServer[] = [];
  const brokers = createTestBrokers();
  let url = "";

  const start = async (options: Parameters<typeof startRedisServer>[0]): Promise<RedisServer> => {
    const server = await startRedisServer(options);
    servers.push(server);
    return server;
  };
  const connect = (): Promise<Broker> => brokers.connect({ url });
  const ask = (server: RedisServer, ...command: [string, ...string[]]): Promise<unknown> =>
    withRedis(server.url, (redis) => redis.call(...command));

  const until = (check: () => Promise<boolean>): Promise<void> =>
    eventually(async () => {
      if (!(await check())) throw new Error("not yet");
    }, 30_000);

  beforeAll(async () => {
    const master = await start({});
    const replica = await start({ args: ["--replicaof", "127.0.0.1", String(master.port)] });
    await until(async () =>
      String(await ask(replica, "INFO", "replication")).includes("master_link_status:up"),
    );
    const sentinel = await start({
      args: ["--sentinel"],
      config: [
        `sentinel monitor main 127.0.0.1 ${master.port} 1`,
        "sentinel down-after-milliseconds main 500",
        "sentinel failover-timeout main 2000",
        "",
      ].join("\n"),
    });
    url = `redis+sentinel://127.0.0.1:${sentinel.port}/main`;
    await until(
      async () => ((await ask(sentinel, "SENTINEL", "REPLICAS", "main")) as unknown[]).length === 1,
    );
  });
  afterAll(async () => {
    await brokers.closeAll();
    await Promise.all(servers.map((server) => server.stop()));
  });

  it("moves to the new master, repeats what failed, and delivers on", { timeout: 60_000 }, async () => {
    const [writer, reader] = [await connect(), await connect()];
    const topic = freshTopic();
    const follower = await follow(reader, topic);
    const publish = async (id: string): Promise<void> =>
      eventually(async () => {
        await writer.publish([activity(topic, id)]);
      }, 30_000);
    await publish("event-1");
    await eventually(() => expect(follower.deliveries).toHaveLength(1));

    await servers[0]?.kill();
    for (const n of countTo(50, 2)) await publish(`event-${n}`);
    await eventually(() => expect(reader.problem()).toBeNull(), 30_000);
    await publish("last");
    await eventually(() => expect(follower.deliveries.map(idOf).at(-1)).toBe("last"));

    const { deliveries, unrecovered } = await reader.history(topic, { since: follower.position });
    expect(unrecovered).toBeNull();
    expect(deliveries.map(idOf)).toEqual([...countTo(50).map((n) => `event-${n}`), "last"]);
    expect(offsetsOf(deliveries)).toEqual(countTo(51));
  });
});
