import { setTimeout as delay } from "node:timers/promises";
import { eventually } from "@commcoin/tsconfig/eventually";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { activity, countTo, follow, freshTopic } from "../conformance/support.ts";
import { startRedisServer, type RedisServer } from "../testing/index.ts";
import { createTestBrokers } from "../testing/test-brokers.ts";

/** Long enough for pauses between attempts to grow to their largest. */
const OUTAGE_MS = 2_500;
const ROUNDS = 5;
/** From the moment at which Redis answers to the first message that was published and has arrived; the median. */
const BACK_WITHIN_MS = 500;

describe("Redis broker after a crash of Redis", () => {
  let server: RedisServer;
  const brokers = createTestBrokers();

  beforeEach(async () => {
    server = await startRedisServer({ args: ["--appendonly", "yes"] });
  });
  afterEach(async () => {
    await brokers.closeAll();
    await server.stop();
  });

  it("delivers again within half a second", { timeout: 60_000 }, async () => {
    const [writer, reader] = [
      await brokers.connect({ url: server.url }),
      await brokers.connect({ url: server.url }),
    ];
    const topic = freshTopic();
    const { deliveries } = await follow(reader, topic);
    const round = async (number: number): Promise<number> => {
      await server.kill();
      const killedAt = performance.now();
      await eventually(() => expect(performance.now() - killedAt).toBeGreaterThan(OUTAGE_MS));
      await server.restart();
      const restartedAt = performance.now();
      const arrived = deliveries.length;
      for (let attempt = 0; deliveries.length === arrived; attempt += 1) {
        await writer.publish([activity(topic, `round-${number}-${attempt}`)]).catch(() => {});
        await delay(5);
      }
      return performance.now() - restartedAt;
    };
    const times: number[] = [];
    for (const number of countTo(ROUNDS)) times.push(await round(number));
    const median = times.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)];
    expect(median).toBeLessThan(BACK_WITHIN_MS);
    // The last one to come back is not far behind.
    await eventually(() => expect([writer.problem(), reader.problem()]).toEqual([null, null]));
  });
});
