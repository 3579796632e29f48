import { framesOf, type FramePlan } from "../harness/frame-plan.ts";
import { openAudience, throughGateway } from "../harness/fan-out-run.ts";
import { readRedisInfo } from "../harness/redis-info.ts";
import type { Bench, Cell } from "../harness/report.ts";
import { withScope } from "../harness/scope.ts";
import { profiled, startClients, startGateway, startPublisher, startRedis } from "../harness/stage.ts";
import { quantile } from "../harness/statistics.ts";

const TOPIC = "token_updates";
/** Read by a process of their own, which measures nothing. */
const CROWD = 480;
/** Read by a process that has nothing else to do, as a client's has. */
const PROBES = 20;
/** Enough frames in flight to keep the gateway busy, few enough not to be a slow consumer's undoing. */
const FULL: FramePlan = { topic: TOPIC, bursts: 100, framesPerBurst: 10, intervalMs: 0 };
const RUN_MS = 4_000;
/** Shares of the maximum that show where waiting begins. */
const LOWER_LOADS = [0.05, 0.125, 0.25];
const DELIVERY_TIMEOUT_MS = 60_000;
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
    const crowd = await startClients(scope);
    const listening = await startClients(scope);
    const open = (clients: typeof crowd, subscribers: number, sampleEvery: number) =>
      openAudience(clients, { port: gateway.port, topic: TOPIC, subscribers, sampleEvery });
    // The measured ones stand in the middle of the others, whom the gateway may serve before or after them.
    const half = quick ? 10 : CROWD / 2;
    const first = await open(crowd, half, 0);
    const probes = await open(listening, quick ? 5 : PROBES, 1);
    const last = await open(crowd, half, 0);
    const subscribers = first.subscribers + probes.subscribers + last.subscribers;
    const others = [
      { clients: listening, audience: probes },
      { clients: crowd, audience: last },
    ];
    /** Milliseconds until everybody had everything. */
    const run = async (plan: FramePlan): Promise<number> => {
      const before = await Promise.all(
        others.map(({ clients, audience }) => clients.call("received", audience.group)),
      );
      const startedAt = performance.now();
      await throughGateway({ clients: crowd, audience: first, plan }, gateway, publisher, info);
      for (const [index, { clients, audience }] of others.entries()) {
        const messages = (before[index] ?? 0) + framesOf(plan) * audience.subscribers;
        await clients.call("waitFor", audience.group, messages, DELIVERY_TIMEOUT_MS);
      }
      return performance.now() - startedAt;
    };

    const full = quick ? { ...FULL, bursts: 2 } : FULL;
    await run(full);
    const elapsedMs = await run(full);
    const framesPerSecond = (framesOf(full) / elapsedMs) * 1_000;
    await listening.call("takeAges", probes.group);

    const rows: Cell[][] = [["maximum", framesPerSecond, framesPerSecond * subscribers, "", "", "", "", ""]];
    const measure = async (share: number): Promise<readonly number[]> => {
      const intervalMs = 1_000 / (framesPerSecond * share);
      const bursts = quick ? 5 : Math.round(RUN_MS / intervalMs);
      await run({ topic: TOPIC, bursts, framesPerBurst: 1, intervalMs });
      const ages = Array.from(await listening.call("takeAges", probes.group), (micros) => micros / 1_000);
      const quantiles = [0.5, 0.95, 0.99, 1].map((part) => quantile(ages, part));
      const frames = framesPerSecond * share;
      rows.push([`${share * 100} %`, frames, frames * subscribers, ages.length, ...quantiles]);
      return quantiles;
    };
    for (const share of LOWER_LOADS) await measure(share);
    const [p50 = Number.NaN, , p99 = Number.NaN] = await measure(0.5);
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
          columns: ["load", "frames/s", "deliveries/s", "samples", "p50 ms", "p95 ms", "p99 ms", "max ms"],
          rows,
        },
      ],
      notes: [
        "Maximum is what publisher, Redis, gateway and all clients reach together on the cores of this machine, when as many frames as possible travel in one write to each socket. At half of it frames come one by one and most need a write each: on few cores the processes then compete as much as at the maximum, and the lower rows show the way alone.",
        `Timed from before \`publish\` in the publisher's process to the read in the clients'; ${probes.subscribers} clients are measured, in a process of their own, among those of another process.`,
      ],
    };
  });
