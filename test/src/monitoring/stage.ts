import {
  startRedisServer,
  startTcpProxy,
  until,
  type RedisServer,
  type TcpProxy,
} from "@commcoin/broker/testing";
import { createLocalnet, type Localnet } from "@commcoin/localnet";
import { killAll } from "../support/service-process.ts";
import { startAlertmanager, type Alertmanager } from "./alertmanager.ts";
import { startMember, type Member } from "./member.ts";
import { startPrometheus, type Prometheus } from "./prometheus.ts";
import { ruleGroups } from "./rules.ts";
import { ADMIN_TOKEN, JWT_SECRET, MAX_CONNECTIONS, PER_USER } from "./settings.ts";
import { shorten } from "./shorten.ts";
import { startTraffic, type Traffic } from "./traffic.ts";

/** A cluster as it is deployed, watched as it is deployed, and clients that use it. */
export interface Stage {
  readonly redis: RedisServer;
  /** Between the first gateway and Redis. */
  readonly proxy: TcpProxy;
  readonly localnet: Localnet;
  readonly gateway: Member;
  /** With `GATEWAY_WORKERS` and tokens. */
  readonly workers: Member;
  readonly listeners: readonly [Member, Member];
  readonly admin: Member;
  readonly members: readonly Member[];
  readonly traffic: Traffic;
  readonly prometheus: Prometheus;
  readonly alertmanager: Alertmanager;
  stop(): Promise<void>;
}

const SLOT_MS = 100;
const START_MS = 60_000;
const TRANSACTIONS_PER_SECOND = 15;
/** `for` of hours is seconds here, and ranges of minutes are seconds. */
const FASTER = { range: 20, for: 60 };

export async function startStage(): Promise<Stage> {
  const putAways: (() => unknown)[] = [];
  const stop = async (): Promise<void> => {
    for (const putAway of putAways.splice(0).reverse()) await putAway();
  };
  const later = <Thing>(thing: Thing, putAway: (thing: Thing) => unknown): Thing => {
    putAways.push(() => putAway(thing));
    return thing;
  };
  try {
    putAways.push(killAll);
    const redis = later(await startRedisServer(), (server) => server.stop());
    const proxy = later(await startTcpProxy({ host: "127.0.0.1", port: redis.port }), (each) => each.close());
    const market = { transactionsPerSecond: TRANSACTIONS_PER_SECOND };
    const localnet = later(await createLocalnet({ slotMs: SLOT_MS, endpoints: 2, market }), (node) =>
      node.stop(),
    );
    const members = await startMembers(localnet, { redis, proxy });
    const alertmanager = later(await startAlertmanager(), (each) => each.stop());
    const { gateway, workers, listeners, admin } = members;
    const traffic = later(
      startTraffic({ gateway: gateway.port, workers: workers.port, admin: admin.port }),
      (each) => each.stop(),
    );
    const prometheus = later(
      await startPrometheus({
        targets: {
          gateway: [gateway.port, workers.port],
          listener: listeners.map(({ port }) => port),
          admin: [admin.port],
        },
        rules: shorten(ruleGroups, FASTER),
        alertmanagerUrl: alertmanager.url,
      }),
      (each) => each.stop(),
    );
    await until(() => isWatched(prometheus, members.members.length), {
      withinMs: START_MS,
      otherwise: "Prometheus does not reach every service.",
    });
    return { redis, proxy, localnet, ...members, traffic, prometheus, alertmanager, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What is counted before Prometheus has looked twice is not seen to grow. */
async function isWatched(prometheus: Prometheus, members: number): Promise<boolean> {
  const now = Date.now() / 1_000;
  const looks = await prometheus.range(
    'sum_over_time(up{job=~"gateway|listener|admin"}[30s]) >= 2',
    now,
    now,
    1,
  );
  return looks.length === members;
}

async function startMembers(
  { endpoints }: Localnet,
  { redis, proxy }: { readonly redis: RedisServer; readonly proxy: TcpProxy },
) {
  const nodes = {
    SOLANA_RPC_URL: endpoints.map(({ httpUrl }) => httpUrl).join(","),
    SOLANA_WS_URL: endpoints.map(({ wsUrl }) => wsUrl).join(","),
    TRANSACTION_LISTENER_AUDIT_INTERVAL: "1",
    TRANSACTION_LISTENER_REQUESTS_PER_SECOND: "500",
    TRANSACTION_LISTENER_SLOT_TIMEOUT: "5",
  };
  const env = { REDIS_URL: redis.url };
  const limits = {
    WEBSOCKET_MAX_CONNECTIONS: String(MAX_CONNECTIONS),
    WEBSOCKET_MAX_CONNECTIONS_PER_USER: String(PER_USER),
    // Much, so that who does not keep up is seen before it has to be cut off.
    WEBSOCKET_MAX_BACKPRESSURE_BYTES: String(8 * 1_048_576),
  };
  // Alone: a supervisor takes workers for hung that all others keep from starting.
  const workers = await startMember("gateway", "gateway-2", {
    ...env,
    GATEWAY_WORKERS: "2",
    AUTH_MODE: "jwt",
    AUTH_JWT_SECRET: JWT_SECRET,
  });
  // The first one publishes; the other one, which stands by, would read whole blocks, which has figures of its own.
  const first = await startMember("listener", "listener-1", { ...env, ...nodes });
  await until(() => first.isReady(), {
    withinMs: START_MS,
    otherwise: "The first listener does not get ready.",
  });
  const [gateway, second, admin] = await Promise.all([
    startMember("gateway", "gateway-1", { ...limits, REDIS_URL: `redis://127.0.0.1:${proxy.port}` }),
    startMember("listener", "listener-2", { ...env, ...nodes, TRANSACTION_LISTENER_TOKENS: "all" }),
    startMember("admin", "admin-1", { ...env, ADMIN_TOKEN, ADMIN_HOST: "127.0.0.1" }),
  ]);
  return {
    gateway,
    workers,
    listeners: [first, second] as const,
    admin,
    members: [gateway, workers, first, second, admin],
  };
}
