import { framesOf, type FramePlan } from "../harness/frame-plan.ts";
import { openAudience, throughGateway } from "../harness/fan-out-run.ts";
import { readRedisInfo } from "../harness/redis-info.ts";
import type { Bench } from "../harness/report.ts";
import { withScope } from "../harness/scope.ts";
import { profiled, startClients, startGateway, startPublisher, startRedis } from "../harness/stage.ts";
import { quantile } from "../harness/statistics.ts";

const TOPIC = "token_updates";
const SUBSCRIBERS = 500;
const SAMPLE_EVERY = 25;
/** Enough frames in flight to keep the gateway busy, few enough not to be a slow consumer's undoing. */
const FULL: FramePlan = { topic: TOPIC, bursts: 100, framesPerBurst: 10, intervalMs: 0 };
const HALF_MS = 5_000;
const BUDGET_P50_MS = 2;
const BUDGET_P99_MS = 10;

/** From `publish` at the broker to the client's socket, at half of what the machine can do. */
export const latency: Bench = (options) =>
  withScope(async (scope) => {
    const { quick } = options;
    const redis = await startRedis(scope);
    const info = readRedisInfo(scope, redis.url);
    const gateway = await startGateway(scope, redis, profiled(options, "latency-gateway"));
    const publisher = await startPublisher(scope, redis);
    const clients = await startClients(scope);
    const subscribers = quick ? 25 : SUBSCRIBERS;
    const audience = await openAudience(clients, {
      port: gateway.port,
      topic: TOPIC,
      subscribers,
      sampleEvery: SAMPLE_EVERY,
    });
    const run = (plan: FramePlan) => throughGateway({ clients, audience, plan }, gateway, publisher, info);

    const full = quick ? { ...FULL, bursts: 2 } : FULL;
    await run(full);
    const { elapsedMs } = await run(full);
    const framesPerSecond = (framesOf(full) / elapsedMs) * 1_000;
    await clients.call("takeAges", audience.group);

    const intervalMs = 2_000 / framesPerSecond;
    const bursts = quick ? 5 : Math.round(HALF_MS / intervalMs);
    await run({ topic: TOPIC, bursts, framesPerBurst: 1, intervalMs });
    const ages = Array.from(await clients.call("takeAges", audience.group), (micros) => micros / 1_000);
    const [p50, p99, worst] = [0.5, 0.99, 1].map((share) => quantile(ages, share)) as [
      number,
      number,
      number,
    ];
    const kept = p50 <= BUDGET_P50_MS && p99 <= BUDGET_P99_MS;
    return {
      verdicts: [
        {
          what: "publish → client at half of maximum load",
          budget: `p50 ≤ ${BUDGET_P50_MS} ms, p99 ≤ ${BUDGET_P99_MS} ms`,
          measured: `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`,
          kept,
        },
      ],
      tables: [
        {
          title: `${subscribers} subscribers of one topic`,
          columns: ["load", "frames/s", "deliveries/s", "samples", "p50 ms", "p99 ms", "max ms"],
          rows: [
            ["maximum", framesPerSecond, framesPerSecond * subscribers, "", "", "", ""],
            ["half", framesPerSecond / 2, (framesPerSecond * subscribers) / 2, ages.length, p50, p99, worst],
          ],
        },
      ],
      notes: [
        "Maximum is what publisher, Redis, gateway and all clients reach together on the cores of this machine.",
        "Timed from before `publish` in the publisher's process to the read in the client's, which reads the other clients' sockets as well.",
      ],
    };
  });
