import { askRedis, startRedisSentinel, type RedisSentinel } from "@commcoin/broker/testing";
import { createLocalnet, type Localnet } from "@commcoin/localnet";
import { withEmptySlots } from "../listener-faults/settle.ts";
import { startBalancer, type Balancer, type Program } from "../load-balancers/balancer.ts";
import { startAlertmanager, type Alertmanager } from "../monitoring/alertmanager.ts";
import { startPrometheus, type Prometheus } from "../monitoring/prometheus.ts";
import { ruleGroups } from "../monitoring/rules.ts";
import { shorten } from "../monitoring/shorten.ts";
import { appOf, startMembers, type MemberName, type Members } from "../upgrade/members.ts";

export const TOKEN = "an-admin-token-of-the-rehearsal";
const RETAINED_SLOTS = 1_000_000;
const FINALITY_SLOTS = 16;
/** A restart takes some seconds, and must not look like an outage. */
const FASTER = { range: 15, for: 5 };

/** Everything that a deployment on several servers has, on one machine and without containers. */
export interface Cluster {
  readonly redis: RedisSentinel;
  readonly localnet: Localnet;
  readonly members: Members;
  readonly gateways: readonly MemberName[];
  readonly balancer: Balancer;
  readonly prometheus: Prometheus;
  readonly alertmanager: Alertmanager;
  stop(): Promise<void>;
}

/** Where Sentinel sends those who want to write. */
export async function masterPort({ sentinel }: RedisSentinel): Promise<number> {
  const [, port] = (await askRedis(sentinel, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main")) as string[];
  return Number(port);
}

/** @param root folder of the release that the services are of at first. */
export async function startCluster({
  balancer: program,
  gateways,
  root,
  seed,
}: {
  readonly balancer: Program;
  readonly gateways: readonly MemberName[];
  readonly root: string;
  readonly seed: string;
}): Promise<Cluster> {
  const ends: (() => unknown)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of ends.splice(0).toReversed()) await end();
  };
  try {
    const redis = await startRedisSentinel();
    ends.push(() => redis.stop());
    const localnet = await createLocalnet({
      slotMs: null,
      genesis: seed,
      endpoints: 2,
      finalitySlots: FINALITY_SLOTS,
      retainedSlots: RETAINED_SLOTS,
    });
    ends.push(() => localnet.stop());
    const members = await withEmptySlots(localnet, () =>
      startMembers({
        names: [...gateways, "admin", "listener-1", "listener-2"],
        root,
        env: {
          REDIS_URL: redis.url,
          SOLANA_RPC_URL: localnet.endpoints.map(({ httpUrl }) => httpUrl).join(","),
          SOLANA_WS_URL: localnet.endpoints.map(({ wsUrl }) => wsUrl).join(","),
          TRANSACTION_LISTENER_AUDIT_INTERVAL: "1",
          TRANSACTION_LISTENER_SLOT_TIMEOUT: "5",
          TRUSTED_PROXIES: "127.0.0.1",
          ADMIN_TOKEN: TOKEN,
          SHUTDOWN_DRAIN_SECONDS: "1",
        },
      }),
    );
    ends.push(() => members.end());
    const [first = 0, second = 0, ...more] = gateways.map((name) => members.portOf(name));
    const balancer = await startBalancer(program, {
      gateways: [first, second, ...more],
      admin: members.portOf("admin"),
    });
    ends.push(() => balancer.stop());
    const alertmanager = await startAlertmanager();
    ends.push(() => alertmanager.stop());
    const portsOf = (app: string): readonly number[] =>
      members.names.filter((name) => appOf(name) === app).map((name) => members.portOf(name));
    const prometheus = await startPrometheus({
      targets: { gateway: portsOf("gateway"), listener: portsOf("listener"), admin: portsOf("admin") },
      rules: shorten(ruleGroups, FASTER),
      alertmanagerUrl: alertmanager.url,
    });
    ends.push(() => prometheus.stop());
    return { redis, localnet, members, gateways, balancer, prometheus, alertmanager, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
