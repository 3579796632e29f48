import { framesOf, type FramePlan } from "../harness/frame-plan.ts";
import { openAudience, throughBareUws, throughGateway, type FanOutResult } from "../harness/fan-out-run.ts";
import { inTurns } from "../harness/in-turns.ts";
import { readRedisInfo } from "../harness/redis-info.ts";
import type { Bench, Cell } from "../harness/report.ts";
import { withScope } from "../harness/scope.ts";
import {
  profiled,
  startBareUws,
  startClients,
  startGateway,
  startPublisher,
  startRedis,
} from "../harness/stage.ts";
import { median } from "../harness/statistics.ts";

const TOPIC = "token_updates";
const BUDGET = 0.9;
/** The promise is about fan-out: below this, a message costs what its way through Redis costs. */
const MANY_SUBSCRIBERS = 1_000;

/** About 100,000 deliveries per second where there are enough subscribers, so that two cores do not saturate. */
const SETTINGS = [
  { subscribers: 10, framesPerBurst: 20, intervalMs: 5 },
  { subscribers: 100, framesPerBurst: 5, intervalMs: 5 },
  { subscribers: 1_000, framesPerBurst: 1, intervalMs: 10 },
  { subscribers: 1_000, framesPerBurst: 10, intervalMs: 100 },
  { subscribers: 4_000, framesPerBurst: 5, intervalMs: 200 },
] as const;
const ROUND_MS = 1_500;
/** So many that one which the machine disturbed does not move the median. */
const ROUNDS = 9;
const QUICK_SETTINGS = [{ subscribers: 5, framesPerBurst: 2, intervalMs: 5 }] as const;

const perCpuSecond = ({ deliveries, cpuMicros }: FanOutResult): number => (deliveries / cpuMicros) * 1e6;
const withRedis = ({ deliveries, cpuMicros, redisMicros }: FanOutResult): number =>
  (deliveries / (cpuMicros + redisMicros)) * 1e6;

/** Delivered messages per CPU-second, of a gateway behind Redis and of a bare server that publishes the same frames. */
export const fanOut: Bench = (options) =>
  withScope(async (scope) => {
    const redis = await startRedis(scope);
    const info = readRedisInfo(scope, redis.url);
    const gateway = await startGateway(scope, redis, profiled(options, "fan-out-gateway"));
    const bare = await startBareUws(scope, [TOPIC]);
    const publisher = await startPublisher(scope, redis);
    const clients = await startClients(scope);
    const rows: Cell[][] = [];
    const ratios: { readonly subscribers: number; readonly alone: number; readonly all: number }[] = [];

    for (const setting of options.quick ? QUICK_SETTINGS : SETTINGS) {
      const { subscribers, framesPerBurst, intervalMs } = setting;
      const bursts = options.quick ? 3 : Math.round(ROUND_MS / intervalMs);
      const plan: FramePlan = { topic: TOPIC, bursts, framesPerBurst, intervalMs };
      const ours = await openAudience(clients, { port: gateway.port, topic: TOPIC, subscribers });
      const theirs = await openAudience(clients, { port: bare.port, topic: TOPIC, subscribers });
      const results = await inTurns(
        {
          gateway: () => throughGateway({ clients, audience: ours, plan }, gateway, publisher, info),
          bare: () => throughBareUws({ clients, audience: theirs, plan }, bare),
        },
        options.quick ? 1 : ROUNDS,
      );
      await clients.call("close", ours.group);
      await clients.call("close", theirs.group);
      const bareRate = median(results.bare.map(perCpuSecond));
      const gatewayRate = median(results.gateway.map(perCpuSecond));
      const redisRate = median(results.gateway.map(withRedis));
      const cpuPerDelivery = median(
        results.gateway.map(({ cpuMicros, deliveries }) => cpuMicros / deliveries),
      );
      // Of two that ran one after the other: what slows the machine down for a while slows both.
      const ratioOf = (rate: (result: FanOutResult) => number): number =>
        median(results.bare.map((bare, round) => rate(results.gateway[round] ?? bare) / rate(bare)));
      const [alone, all] = [ratioOf(perCpuSecond), ratioOf(withRedis)];
      ratios.push({ subscribers, alone, all });
      rows.push([
        subscribers,
        `${framesPerBurst} / ${intervalMs} ms`,
        framesOf(plan) * subscribers,
        bareRate,
        gatewayRate,
        redisRate,
        alone,
        all,
        cpuPerDelivery,
        cpuPerDelivery * subscribers,
      ]);
    }

    const many = ratios.filter(({ subscribers }) => subscribers >= MANY_SUBSCRIBERS);
    const judged = many.length === 0 ? ratios : many;
    const worst = (pick: (ratio: (typeof ratios)[number]) => number): number => Math.min(...judged.map(pick));
    const verdict = (what: string, ratio: number) => ({
      what,
      budget: `≥ ${BUDGET} × bare uWebSockets.js`,
      measured: ratio.toFixed(2),
      kept: ratio >= BUDGET,
    });
    return {
      verdicts: [
        verdict(
          `fan-out per CPU-second of the gateway, from ${MANY_SUBSCRIBERS} subscribers on`,
          worst(({ alone }) => alone),
        ),
        verdict(
          "the same with the CPU of redis-server added",
          worst(({ all }) => all),
        ),
      ],
      tables: [
        {
          title: "Delivered messages per CPU-second (medians)",
          columns: [
            "subscribers",
            "frames per burst",
            "deliveries a round",
            "bare uWS",
            "gateway",
            "gateway + redis-server",
            "ratio",
            "ratio with Redis",
            "µs per delivery",
            "µs per message",
          ],
          rows,
        },
      ],
      notes: [
        "Both servers publish frames of the same size in the same bursts; the bare one makes them before, in its own process, and pays for no broker.",
        "With few subscribers a message is mostly its way through Redis: those ratios are shown, not judged.",
      ],
    };
  });
