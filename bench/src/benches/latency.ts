import type { FramePlan } from "../harness/frame-plan.ts";
import {
  CROWD_READS_EVERY_MS,
  maximumRate,
  openLatencyPath,
  timesAt,
  type LatencyPath,
  type Times,
} from "../harness/latency-run.ts";
import type { Bench, Cell, Table, Verdict } from "../harness/report.ts";
import { withScope } from "../harness/scope.ts";
import {
  profiled,
  startBareUws,
  startClients,
  startGateway,
  startPublisher,
  startRedis,
} from "../harness/stage.ts";

/** A server writes to one socket after the other: the number of subscribers is the least that a frame takes. */
const SIZES = [
  { topic: "token_updates", subscribers: 100 },
  { topic: "market_data", subscribers: 500 },
];
const QUICK_SIZES = [{ topic: "token_updates", subscribers: 10 }];
const MEASURED = 10;
const QUICK_MEASURED = 2;
/** Enough frames in flight to keep the gateway busy, few enough not to be a slow consumer's undoing. */
const FULL: Omit<FramePlan, "topic"> = { bursts: 200, framesPerBurst: 10, intervalMs: 0 };
const RUN_MS = 4_000;
/** Shares of the maximum; the lower ones show where waiting begins, the last one is judged. */
const LOADS = [0.05, 0.125, 0.25, 0.5];
const BUDGET_P50_MS = 2;
const BUDGET_P99_MS = 10;

function verdictOn({ subscribers }: LatencyPath, product: Times, lone: Times): Verdict {
  const [p50 = Number.NaN, , p99 = Number.NaN] = product.quantiles;
  const [bareP50 = Number.NaN, , bareP99 = Number.NaN] = lone.quantiles;
  return {
    what: `publish → client at half of maximum load, ${subscribers} subscribers`,
    budget: `p50 ≤ ${BUDGET_P50_MS} ms, p99 ≤ ${BUDGET_P99_MS} ms`,
    measured:
      `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms ` +
      `(bare uWebSockets.js: ${bareP50.toFixed(2)}, ${bareP99.toFixed(2)})`,
    kept: p50 <= BUDGET_P50_MS && p99 <= BUDGET_P99_MS,
  };
}

/** Both servers in turns, at every load. */
async function compare(
  ours: LatencyPath,
  bare: LatencyPath,
  quick: boolean,
): Promise<{ readonly table: Table; readonly verdict: Verdict }> {
  const full = quick ? { ...FULL, bursts: 2 } : FULL;
  await maximumRate(bare, full);
  await maximumRate(ours, full);
  const maximum = await maximumRate(ours, full);
  const { subscribers } = ours;
  const rows: Cell[][] = [["maximum", "gateway", maximum, maximum * subscribers, "", "", "", "", ""]];
  let judged: Verdict | null = null;
  for (const share of LOADS) {
    const rate = maximum * share;
    const bursts = quick ? 5 : Math.round((rate * RUN_MS) / 1_000);
    const product = await timesAt(ours, rate, bursts);
    const lone = await timesAt(bare, rate, bursts);
    const ratios = product.quantiles.map((ms, index) => ms / (lone.quantiles[index] ?? Number.NaN));
    const load = `${share * 100} %`;
    rows.push(
      [load, "gateway", rate, rate * subscribers, product.samples, ...product.quantiles],
      [load, "bare uWS", rate, rate * subscribers, lone.samples, ...lone.quantiles],
      [load, "gateway ÷ bare", "", "", "", ...ratios],
    );
    judged = verdictOn(ours, product, lone);
  }
  if (judged === null) throw new Error("There is no load to judge.");
  const columns = [
    "load",
    "from",
    "frames/s",
    "deliveries/s",
    "samples",
    "p50 ms",
    "p95 ms",
    "p99 ms",
    "max ms",
  ];
  return { table: { title: `${subscribers} subscribers of one topic`, columns, rows }, verdict: judged };
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
    const crowdClients = await startClients(scope);
    const probeClients = await startClients(scope);
    const measured = quick ? QUICK_MEASURED : MEASURED;
    const results = [];
    for (const { topic, subscribers } of quick ? QUICK_SIZES : SIZES) {
      const bare = await startBareUws(scope, [topic]);
      const everybody = { topic, subscribers, measured, crowdClients, probeClients };
      const ours = await openLatencyPath({
        ...everybody,
        port: gateway.port,
        publish: (plan) => publisher.call("publish", plan),
      });
      const theirs = await openLatencyPath({
        ...everybody,
        port: bare.port,
        publish: (plan) => bare.worker.call("publishFresh", plan),
      });
      results.push(await compare(ours, theirs, quick));
    }
    return {
      verdicts: results.map(({ verdict }) => verdict),
      tables: results.map(({ table }) => table),
      notes: [
        "Maximum is what publisher, Redis, gateway and all clients reach together on the cores of this machine, when as many frames as possible travel in one write to each socket. At half of it frames come one by one and most need a write each: the lower rows show the way alone.",
        "The bare server is publisher and gateway in one process, without a broker: its rows are what sockets, clients and this machine take of the time at the same rate. The rest is the way through publisher, Redis and gateway.",
        `Timed from before \`publish\` in the publisher's process to the read in the clients'; ${measured} clients are measured, in a process of their own, evenly among the others. Those stand for clients on other machines: they read every ${CROWD_READS_EVERY_MS} ms what has come.`,
      ],
    };
  });
