import { eventually } from "@commcoin/tsconfig/eventually";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BrokerUnavailableError } from "../broker.ts";
import {
  activities,
  activity,
  countTo,
  flush,
  follow,
  freshTopic,
  offsetsOf,
} from "../conformance/support.ts";
import { askRedis } from "../testing/ask-redis.ts";
import { startRedisServer, type RedisServer } from "../testing/index.ts";
import { startTcpProxy, type TcpProxy } from "../testing/tcp-proxy.ts";
import { createTestBrokers } from "../testing/test-brokers.ts";

/** The third one that a broker opens. */
const HISTORY = 2;

describe("the connection for history", () => {
  let server: RedisServer;
  let proxy: TcpProxy;
  const brokers = createTestBrokers();

  beforeEach(async () => {
    server = await startRedisServer();
    proxy = await startTcpProxy({ host: "127.0.0.1", port: server.port });
  });
  afterEach(async () => {
    await brokers.closeAll();
    await proxy.close();
    await server.stop();
  });

  const arrange = async () => {
    const broker = await brokers.connect({ url: `redis://127.0.0.1:${proxy.port}` });
    await eventually(() => expect(proxy.connections()).toBe(HISTORY + 1));
    const topic = freshTopic();
    await broker.publish(activities(topic, 10));
    await eventually(async () =>
      expect(await askRedis(server, "CLIENT", "LIST")).toContain("name=commcoin-history"),
    );
    const problems: (string | null)[] = [];
    broker.watch((problem) => problems.push(problem));
    return { broker, topic, problems };
  };

  it("may stand still: everything else goes on, and reads fail until there is another one", async () => {
    const { broker, topic, problems } = await arrange();
    proxy.filter((_, connection) => connection !== HISTORY);
    const read = broker.history(topic).then(
      () => "read",
      (error: unknown) => error,
    );
    const follower = await follow(broker, topic);
    await flush(broker, topic, [follower]);
    expect(await broker.positions([topic])).toMatchObject([{ offset: 11 }]);
    expect(await read).toBeInstanceOf(BrokerUnavailableError);
    expect(offsetsOf((await broker.history(topic)).deliveries)).toEqual(countTo(11));
    expect(problems).toEqual([]);
  });

  it("may break: reads go on, and nothing else notices", async () => {
    const { broker, topic, problems } = await arrange();
    for (let round = 1; round <= 5; round += 1) {
      const list = String(await askRedis(server, "CLIENT", "LIST"));
      const id = /id=(\d+) .*name=commcoin-history/.exec(list)?.[1];
      if (id !== undefined) await askRedis(server, "CLIENT", "KILL", "ID", id);
      await broker.publish([activity(topic, `later-${round}`)]);
      await eventually(async () =>
        expect(offsetsOf((await broker.history(topic)).deliveries)).toEqual(countTo(10 + round)),
      );
    }
    expect(problems).toEqual([]);
  });

  it("takes long answers, while others get theirs", async () => {
    const { broker, topic } = await arrange();
    const padding = "x".repeat(40_000);
    await broker.publish(
      countTo(200).map((n) => ({ topic, type: "Note", id: `large-${n}`, data: { padding } })),
    );
    let answered = false;
    const reads = Promise.all(countTo(8).map(() => broker.history(topic))).then(() => {
      answered = true;
    });
    await broker.positions([topic]);
    expect(answered).toBe(false);
    await reads;
  });
});
