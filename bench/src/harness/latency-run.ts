import type { Worker } from "@commcoin/harness";
import type { ClientCommands } from "../workers/clients.ts";
import { openAudience, type Audience } from "./fan-out-run.ts";
import { framesOf, type FramePlan } from "./frame-plan.ts";
import { quantile } from "./statistics.ts";

/** The crowd stands for clients on other machines: reading at once, it would take a core of those that serve it. */
export const CROWD_READS_EVERY_MS = 50;
const DELIVERY_TIMEOUT_MS = 60_000;

interface Group {
  readonly clients: Worker<ClientCommands>;
  readonly audience: Audience;
}

/** A way from a publisher to all subscribers of a topic. */
export interface LatencyPath {
  readonly topic: string;
  readonly subscribers: number;
  /** Read by a process that has nothing else to do, as a client's has; all others only count. */
  readonly probes: readonly Group[];
  readonly crowd: readonly Group[];
  readonly publish: (plan: FramePlan) => Promise<void>;
}

interface LatencyPathOptions extends Pick<LatencyPath, "topic" | "subscribers" | "publish"> {
  readonly port: number;
  /** How many of the subscribers are measured. */
  readonly measured: number;
  readonly crowdClients: Worker<ClientCommands>;
  readonly probeClients: Worker<ClientCommands>;
}

/** Connects everybody; the measured ones stand evenly among the others, whom a server may serve before or after them. */
export async function openLatencyPath({
  port,
  topic,
  subscribers,
  measured,
  publish,
  crowdClients,
  probeClients,
}: LatencyPathOptions): Promise<LatencyPath> {
  const [crowd, probes]: [Group[], Group[]] = [[], []];
  for (let probe = 0; probe < measured; probe += 1) {
    const others = { port, topic, subscribers: subscribers / measured - 1 };
    crowd.push({
      clients: crowdClients,
      audience: await openAudience(crowdClients, { ...others, readEveryMs: CROWD_READS_EVERY_MS }),
    });
    probes.push({
      clients: probeClients,
      audience: await openAudience(probeClients, { port, topic, subscribers: 1, sampleEvery: 1 }),
    });
  }
  return { topic, subscribers, probes, crowd, publish };
}

/** Milliseconds until everybody had everything. */
async function run({ crowd, probes, publish }: LatencyPath, plan: FramePlan): Promise<number> {
  const groups = [...crowd, ...probes];
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

/** Frames that arrive in a second when as many as possible are sent. */
export async function maximumRate(path: LatencyPath, plan: Omit<FramePlan, "topic">): Promise<number> {
  const full = { ...plan, topic: path.topic };
  return (framesOf(full) / (await run(path, full))) * 1_000;
}

async function takeAges({ probes }: LatencyPath): Promise<readonly number[]> {
  const ages: number[] = [];
  for (const { clients, audience } of probes) {
    for (const micros of await clients.call("takeAges", audience.group)) ages.push(micros / 1_000);
  }
  return ages;
}

/** How many messages were timed, and the milliseconds that they took: p50, p95, p99 and the longest. */
export interface Times {
  readonly samples: number;
  readonly quantiles: readonly number[];
}

/** What messages take that come one by one at an even rate. */
export async function timesAt(path: LatencyPath, framesPerSecond: number, bursts: number): Promise<Times> {
  await takeAges(path);
  await run(path, { topic: path.topic, bursts, framesPerBurst: 1, intervalMs: 1_000 / framesPerSecond });
  const ages = await takeAges(path);
  return { samples: ages.length, quantiles: [0.5, 0.95, 0.99, 1].map((part) => quantile(ages, part)) };
}
