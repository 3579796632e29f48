import { framesOf, type FramePlan } from "../harness/frame-plan.ts";
import { openAudience, type Audience } from "../harness/fan-out-run.ts";
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
import { quantile } from "../harness/statistics.ts";
import type { Worker } from "@commcoin/harness";
import type { ClientCommands } from "../workers/clients.ts";

const TOPIC = "token_updates";
/** Read by a process of their own, which measures nothing. */
const CROWD = 480;
/** Read by a process that has nothing else to do, as a client's has. */
const PROBES = 20;
/** Enough frames in flight to keep the gateway busy, few enough not to be a slow consumer's undoing. */
const FULL: FramePlan = { topic: TOPIC, bursts: 100, framesPerBurst: 10, intervalMs: 0 };
const RUN_MS = 4_000;
/** Shares of the maximum; the lower ones show where waiting begins, the last one is judged. */
const LOADS = [0.05, 0.125, 0.25, 0.5];
const DELIVERY_TIMEOUT_MS = 60_000;
const BUDGET_P50_MS = 2;
const BUDGET_P99_MS = 10;

interface Group {
  readonly clients: Worker<ClientCommands>;
  readonly audience: Audience;
}

/** A way from a publisher to clients. */
interface Path {
  readonly groups: readonly Group[];
  readonly probes: Group;
  readonly publish: (plan: FramePlan) => Promise<void>;
}

const subscribersOf = ({ groups }: Path): number =>
  groups.reduce((sum, { audience }) => sum + audience.subscribers, 0);

/** Milliseconds until everybody had everything. */
async function run({ groups, publish }: Path, plan: FramePlan): Promise<number> {
  const before = await Promise.all(
    groups.map(({ clients, audience }) => clients.call("received", audience.group)),
  );
  const startedAt = performance.now();
  await publish(plan);
  for (const [index, { clients, audience }] of groups.entries()) {
    const messages = (before[index] ?? 0) + framesOf(plan) * audience.subscribers;
    await clients.call("waitFor", audience.group, messages, DELIVERY_TIMEOUT_MS);
  }
  return performance.now() - startedAt;
}

/** Milliseconds that messages which come at this rate take: p50, p95, p99 and the longest, and of how many. */
async function timesOf(path: Path, framesPerSecond: number, quick: boolean) {
  const intervalMs = 1_000 / framesPerSecond;
  const bursts = quick ? 5 : Math.round(RUN_MS / intervalMs);
  const { clients, audience } = path.probes;
  await clients.call("takeAges", audience.group);
  await run(path, { topic: TOPIC, bursts, framesPerBurst: 1, intervalMs });
  const ages = Array.from(await clients.call("takeAges", audience.group), (micros) => micros / 1_000);
  return { samples: ages.length, quantiles: [0.5, 0.95, 0.99, 1].map((part) => quantile(ages, part)) };
}

/**
 * From `publish` at the broker to the client's socket, at half of what the machine can do; beside it what the same frames take
 * from a bare server that publishes them itself.
 */
export const latency: Bench = (options) =>
  withScope(async (scope) => {
    const { quick } = options;
    const redis = await startRedis(scope);
    const gateway = await startGateway(scope, redis, profiled(options, "latency-gateway"));
    const publisher = await startPublisher(scope, redis);
    const bare = await startBareUws(scope, [TOPIC]);
    const crowd = await startClients(scope);
    const listening = await startClients(scope);
    const half = quick ? 10 : CROWD / 2;
    const connect = async (port: number, publish: Path["publish"]): Promise<Path> => {
      const open = async (
        clients: typeof crowd,
        subscribers: number,
        sampleEvery: number,
      ): Promise<Group> => ({
        clients,
        audience: await openAudience(clients, { port, topic: TOPIC, subscribers, sampleEvery }),
      });
      // The measured ones stand in the middle of the others, whom the server may serve before or after them.
      const first = await open(crowd, half, 0);
      const probes = await open(listening, quick ? 5 : PROBES, 1);
      return { groups: [first, probes, await open(crowd, half, 0)], probes, publish };
    };
    const ours = await connect(gateway.port, (plan) => publisher.call("publish", plan));
    const theirs = await connect(bare.port, (plan) => bare.worker.call("publishFresh", plan));
    const subscribers = subscribersOf(ours);

    const full = quick ? { ...FULL, bursts: 2 } : FULL;
    await run(theirs, full);
    await run(ours, full);
    const framesPerSecond = (framesOf(full) / (await run(ours, full))) * 1_000;

    const rows: Cell[][] = [
      ["maximum", "gateway", framesPerSecond, framesPerSecond * subscribers, "", "", "", "", ""],
    ];
    let judged: readonly number[] = [];
    let floor: readonly number[] = [];
    for (const share of LOADS) {
      const rate = framesPerSecond * share;
      const [product, lone] = [await timesOf(ours, rate, quick), await timesOf(theirs, rate, quick)];
      [judged, floor] = [product.quantiles, lone.quantiles];
      const load = `${share * 100} %`;
      const ratios = judged.map((ms, index) => ms / (floor[index] ?? Number.NaN));
      rows.push(
        [load, "gateway", rate, rate * subscribers, product.samples, ...judged],
        [load, "bare uWS", rate, rate * subscribers, lone.samples, ...floor],
        [load, "gateway ÷ bare", "", "", "", ...ratios],
      );
    }
    const [p50 = Number.NaN, , p99 = Number.NaN] = judged;
    const [bareP50 = Number.NaN, , bareP99 = Number.NaN] = floor;
    return {
      verdicts: [
        {
          what: "publish → client at half of maximum load",
          budget: `p50 ≤ ${BUDGET_P50_MS} ms, p99 ≤ ${BUDGET_P99_MS} ms`,
          measured:
            `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms ` +
            `(bare uWebSockets.js: ${bareP50.toFixed(2)}, ${bareP99.toFixed(2)})`,
          kept: p50 <= BUDGET_P50_MS && p99 <= BUDGET_P99_MS,
        },
      ],
      tables: [
        {
          title: `${subscribers} subscribers of one topic`,
          columns: [
            "load",
            "from",
            "frames/s",
            "deliveries/s",
            "samples",
            "p50 ms",
            "p95 ms",
            "p99 ms",
            "max ms",
          ],
          rows,
        },
      ],
      notes: [
        "Maximum is what publisher, Redis, gateway and all clients reach together on the cores of this machine, when as many frames as possible travel in one write to each socket. At half of it frames come one by one and most need a write each: on few cores the processes then compete as much as at the maximum, and the lower rows show the way alone.",
        "The bare server is publisher and gateway in one process, without a broker: its rows are what sockets, clients and this machine take of the time at the same rate. The rest is the way through publisher, Redis and gateway.",
        `Timed from before \`publish\` in the publisher's process to the read in the clients'; ${ours.probes.audience.subscribers} clients are measured, in a process of their own, among those of another process. Each client process has as many connections to either server, of which those to the other one are idle.`,
      ],
    };
  });
