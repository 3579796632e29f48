import type { BareUwsCommands } from "../workers/bare-uws.ts";
import type { ClientCommands } from "../workers/clients.ts";
import type { GatewayCommands } from "../workers/gateway.ts";
import type { PublisherCommands } from "../workers/publisher.ts";
import { framesOf, type FramePlan } from "./frame-plan.ts";
import type { RedisInfo } from "./redis-info.ts";
import type { Served } from "./stage.ts";
import type { Worker } from "@commcoin/harness";

export interface FanOutResult {
  readonly deliveries: number;
  readonly cpuMicros: number;
  /** Of the Redis server, where there is one. */
  readonly redisMicros: number;
  readonly elapsedMs: number;
}

/** Clients of one server, all in the topic. */
export interface Audience {
  readonly group: number;
  readonly subscribers: number;
}

const DELIVERY_TIMEOUT_MS = 60_000;

interface Measured {
  readonly clients: Worker<ClientCommands>;
  readonly audience: Audience;
  readonly plan: FramePlan;
}

/** Publishes what a plan says, waits until everybody has everything, and tells what it cost the server. */
async function measure(
  { clients, audience, plan }: Measured,
  server: Served<GatewayCommands> | Served<BareUwsCommands>,
  publish: () => Promise<void>,
  redisCpu: () => Promise<number>,
): Promise<FanOutResult> {
  const deliveries = framesOf(plan) * audience.subscribers;
  const before = await clients.call("received", audience.group);
  const redisBefore = await redisCpu();
  const { cpuMicros } = await server.worker.usage();
  const startedAt = performance.now();
  await publish();
  await clients.call("waitFor", audience.group, before + deliveries, DELIVERY_TIMEOUT_MS);
  const elapsedMs = performance.now() - startedAt;
  const after = await server.worker.usage();
  return {
    deliveries,
    cpuMicros: after.cpuMicros - cpuMicros,
    redisMicros: (await redisCpu()) - redisBefore,
    elapsedMs,
  };
}

export const throughGateway = (
  measured: Measured,
  gateway: Served<GatewayCommands>,
  publisher: Worker<PublisherCommands>,
  info: RedisInfo,
): Promise<FanOutResult> =>
  measure(
    measured,
    gateway,
    () => publisher.call("publish", measured.plan),
    () => info.cpuMicros(),
  );

export async function throughBareUws(
  measured: Measured,
  bare: Served<BareUwsCommands>,
): Promise<FanOutResult> {
  await bare.worker.call("prepare", measured.plan);
  return measure(
    measured,
    bare,
    () => bare.worker.call("publish", measured.plan),
    () => Promise.resolve(0),
  );
}

/** Opens clients that are in the topic. */
export async function openAudience(
  clients: Worker<ClientCommands>,
  {
    port,
    topic,
    subscribers,
    sampleEvery = 0,
    readEveryMs = 0,
  }: {
    readonly port: number;
    readonly topic: string;
    readonly subscribers: number;
    readonly sampleEvery?: number;
    readonly readEveryMs?: number;
  },
): Promise<Audience> {
  const { group } = await clients.call("open", {
    port,
    paths: [`/ws?subscriptions=${topic}`],
    count: subscribers,
    atATime: 100,
    messagesEach: 1,
    sampleEvery,
    readEveryMs,
    timeoutMs: 30_000,
  });
  return { group, subscribers };
}
