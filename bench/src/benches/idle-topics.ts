import { openAudience, throughGateway } from "../harness/fan-out-run.ts";
import { readRedisInfo } from "../harness/redis-info.ts";
import type { Bench, Cell } from "../harness/report.ts";
import { withScope } from "../harness/scope.ts";
import { startClients, startGateway, startPublisher, startRedis } from "../harness/stage.ts";
import { median } from "../harness/statistics.ts";

const TOPIC = "token_updates";
const SUBSCRIBERS = 500;
const IDLE_TOPICS = [0, 1_000, 10_000] as const;
const TOPICS_PER_CONNECTION = 100;
const PLAN = { topic: TOPIC, bursts: 20, framesPerBurst: 10, intervalMs: 50 };
const QUICK_PLAN = { topic: TOPIC, bursts: 2, framesPerBurst: 2, intervalMs: 5 };
/** More than this is no noise. */
const FLAT = 1.3;

/** The query of connections that are in topics about which nothing is said. */
const idlePaths = (topics: number): string[] =>
  Array.from({ length: Math.ceil(topics / TOPICS_PER_CONNECTION) }, (_, connection) => {
    const names = Array.from(
      { length: TOPICS_PER_CONNECTION },
      (_, index) => `idle:t${connection * TOPICS_PER_CONNECTION + index}`,
    );
    return `/ws?subscriptions=${names.join()}`;
  });

/** Cost of a delivery while the gateway is in more and more topics that are silent. */
export const idleTopics: Bench = ({ quick }) =>
  withScope(async (scope) => {
    const redis = await startRedis(scope);
    const info = readRedisInfo(scope, redis.url);
    const gateway = await startGateway(scope, redis);
    const publisher = await startPublisher(scope, redis);
    const clients = await startClients(scope);
    const audience = await openAudience(clients, {
      port: gateway.port,
      topic: TOPIC,
      subscribers: quick ? 5 : SUBSCRIBERS,
    });
    const plan = quick ? QUICK_PLAN : PLAN;
    const rows: Cell[][] = [];
    const costs: number[] = [];
    for (const topics of quick ? [0, 200] : IDLE_TOPICS) {
      const [first, ...others] = idlePaths(topics);
      const idle =
        first === undefined
          ? null
          : await clients.call("open", {
              port: gateway.port,
              paths: [first, ...others],
              count: others.length + 1,
              atATime: 5,
              messagesEach: 1,
              timeoutMs: 60_000,
            });
      const results = [];
      for (let round = 0; round < (quick ? 1 : 5); round += 1) {
        results.push(await throughGateway({ clients, audience, plan }, gateway, publisher, info));
      }
      if (idle !== null) await clients.call("close", idle.group);
      const cost = median(results.map(({ cpuMicros, deliveries }) => cpuMicros / deliveries));
      costs.push(cost);
      rows.push([topics, cost]);
    }
    const growth = (costs.at(-1) ?? Number.NaN) / (costs[0] ?? Number.NaN);
    return {
      verdicts: [
        {
          what: `cost of a delivery with ${quick ? 200 : 10_000} idle topics, over that with none`,
          budget: `flat (≤ ${FLAT})`,
          measured: growth.toFixed(2),
          kept: growth <= FLAT,
        },
      ],
      tables: [
        {
          title: `CPU of the gateway, ${SUBSCRIBERS} subscribers of one topic`,
          columns: ["idle topics", "µs per delivery"],
          rows,
        },
      ],
      notes: [],
    };
  });
