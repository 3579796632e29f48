import { eventually } from "@commcoin/tsconfig/eventually";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Broker } from "../broker.ts";
import {
  activities,
  activity,
  countTo,
  flush,
  follow,
  freshTopic,
  offsetsOf,
} from "../conformance/support.ts";
import { startRedisServer, type RedisServer } from "../testing/index.ts";
import { recordingLogger } from "../testing/recording-logger.ts";
import { startTcpProxy, type TcpProxy } from "../testing/tcp-proxy.ts";
import { createTestBrokers } from "../testing/test-brokers.ts";

const PROBE_AFTER_MS = 600;
const ECHO_WITHIN_MS = 1_000;
/** The subscriber connection is the second one that a broker opens. */
const SUBSCRIBER = 1;

describe("proof that messages arrive", () => {
  let server: RedisServer;
  let proxy: TcpProxy;
  let redis: Redis;
  const brokers = createTestBrokers();
  const { logger, lines } = recordingLogger();

  const connect = (port: number): Promise<Broker> =>
    brokers.connect({
      url: `redis://127.0.0.1:${port}`,
      logger,
      proofTimes: { probeAfterMs: PROBE_AFTER_MS, echoWithinMs: ECHO_WITHIN_MS },
    });
  const proofOf = (broker: Broker) => broker.proof?.() ?? { ageMs: Number.NaN, rebuilds: Number.NaN };
  /** Follows topics through a connection that a test spoils, and checks that all is well again in the end. */
  const survives = async (spoil: (broker: Broker, topic: string) => Promise<void>): Promise<Broker> => {
    const [writer, reader] = [await connect(server.port), await connect(proxy.port)];
    // More than one SUBSCRIBE holds.
    const topics = countTo(1_100).map(() => freshTopic());
    const followers = await Promise.all(topics.map((topic) => follow(reader, topic)));
    const [topic = ""] = topics;
    await flush(writer, topic, followers.slice(0, 1));
    const states: (string | null)[] = [];
    reader.watch((problem) => states.push(problem));
    await spoil(reader, topic);
    await eventually(() => {
      expect(states.some((state) => state !== null)).toBe(true);
      expect(reader.problem()).toBeNull();
    }, 20_000);
    await writer.publish(topics.map((each) => activity(each, "after")));
    await eventually(() => {
      for (const { deliveries } of followers) expect(deliveries.at(-1)?.offset).toBeGreaterThan(0);
      const [position] = followers.map(({ deliveries }) => deliveries.at(-1)?.offset);
      expect(position).toBeGreaterThan(1);
    });
    for (const { deliveries } of followers) {
      const offsets = offsetsOf(deliveries);
      expect(offsets).toEqual([...new Set(offsets)].toSorted((a, b) => a - b));
    }
    return reader;
  };

  beforeEach(async () => {
    server = await startRedisServer();
    proxy = await startTcpProxy({ host: "127.0.0.1", port: server.port });
    redis = new Redis(server.url);
  });
  afterEach(async () => {
    await brokers.closeAll();
    redis.disconnect();
    await proxy.close();
    await server.stop();
  });

  it("is renewed by probes while nothing is published, and by messages otherwise", async () => {
    const broker = await connect(server.port);
    const probes = async (): Promise<number> =>
      Number(/cmdstat_publish:calls=(\d+)/.exec(await redis.info("commandstats"))?.[1] ?? 0);
    await eventually(async () => expect(await probes()).toBeGreaterThan(3));
    expect(proofOf(broker)).toEqual({ ageMs: expect.any(Number), rebuilds: 0 });
    expect(proofOf(broker).ageMs).toBeLessThan(PROBE_AFTER_MS + 3_000);
    expect(broker.problem()).toBeNull();

    const topic = freshTopic();
    const follower = await follow(broker, topic);
    await redis.config("RESETSTAT");
    const until = performance.now() + 4 * PROBE_AFTER_MS;
    let sent = 0;
    while (performance.now() < until) {
      await broker.publish(activities(topic, 1, `event-${sent}`));
      sent += 1;
      await eventually(() => expect(follower.deliveries).toHaveLength(sent));
    }
    // Each message is one PUBLISH within its script; a probe would be one more.
    expect(await probes()).toBe(sent);
  });

  it(
    "fails when a connection answers but receives nothing: it is built anew",
    { timeout: 40_000 },
    async () => {
      const reader = await survives(async (broker, topic) => {
        // Answers to pings still come through.
        proxy.filter(
          (chunk, connection) =>
            connection !== SUBSCRIBER || chunk.includes("PONG") || chunk.includes("pong"),
        );
        await redis.publish(`commcoin:{${topic}}:live`, "lost on its way");
        await eventually(() => expect(proofOf(broker).rebuilds).toBe(1));
      });
      expect(proofOf(reader).rebuilds).toBe(1);
      expect(proxy.connections()).toBe(4);
      expect(lines).toContain(
        "warn what is published does not arrive on the subscriber connection; connecting again",
      );
    },
  );

  it(
    "is missing for as long as nothing arrives on the new connections either",
    { timeout: 40_000 },
    async () => {
      const broker = await connect(proxy.port);
      proxy.filter((chunk, connection) => connection < SUBSCRIBER || !chunk.includes("probe"));
      await eventually(() => expect(proofOf(broker).rebuilds).toBeGreaterThan(1));
      expect(broker.problem()).toMatch(/Not proved yet|does not arrive|No connection/);
      expect(proofOf(broker).ageMs).toBeGreaterThan(PROBE_AFTER_MS + ECHO_WITHIN_MS);
      proxy.filter(() => true);
      await eventually(() => expect(broker.problem()).toBeNull());
      await eventually(() => expect(proofOf(broker).ageMs).toBeLessThan(ECHO_WITHIN_MS));
    },
  );

  it("is not asked of a connection while Redis does not accept probes", async () => {
    const broker = await connect(server.port);
    // Only commands that write, PUBLISH among them, have to wait: nobody can say that receiving does not work.
    await redis.client("PAUSE", 3_000, "WRITE");
    await eventually(() => expect(proofOf(broker).ageMs).toBeGreaterThan(PROBE_AFTER_MS + ECHO_WITHIN_MS));
    expect(proofOf(broker).rebuilds).toBe(0);
    await eventually(() => expect(proofOf(broker).ageMs).toBeLessThan(PROBE_AFTER_MS));
    expect(proofOf(broker).rebuilds).toBe(0);
    expect(broker.problem()).toBeNull();
  });

  it("is renewed after the connection went silent altogether", { timeout: 40_000 }, async () => {
    await survives(async () => {
      proxy.filter((_, connection) => connection !== SUBSCRIBER);
      await eventually(() => expect(proxy.connections()).toBe(4));
    });
  });

  it("is renewed after Redis killed the connection", { timeout: 40_000 }, async () => {
    await survives(async () => {
      expect(await redis.call("CLIENT", "KILL", "TYPE", "pubsub")).toBe(2);
    });
  });

  it("is renewed after Redis cut a connection that fell behind", { timeout: 40_000 }, async () => {
    await survives(async (broker, topic) => {
      await redis.config("SET", "client-output-buffer-limit", "pubsub 65536 0 0");
      // One frame that is larger than what may wait for the subscriber.
      await redis.publish(`commcoin:{${topic}}:live`, "x".repeat(8_000_000));
      await eventually(() => expect(proxy.connections()).toBe(4));
      await redis.config("SET", "client-output-buffer-limit", "pubsub 33554432 8388608 60");
      expect(broker.proof?.().rebuilds).toBe(0);
    });
  });
});
