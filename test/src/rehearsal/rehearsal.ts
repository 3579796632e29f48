import { setTimeout as delay } from "node:timers/promises";
import { createRedisBroker, type Broker } from "@commcoin/broker";
import { until } from "@commcoin/broker/testing";
import { COMMCOIN_PROGRAM_ADDRESS } from "@commcoin/localnet";
import { silentLogger } from "@commcoin/service/telemetry";
import { WebSocket } from "ws";
import { collectFacts } from "../listener-faults/chain-facts.ts";
import { compare, type Comparison } from "../listener-faults/compare.ts";
import { createPlayer } from "../listener-faults/player.ts";
import { recordTopics } from "../listener-faults/recording.ts";
import { settle, withEmptySlots } from "../listener-faults/settle.ts";
import type { Program } from "../load-balancers/balancer.ts";
import { startAudience, type Audience } from "../upgrade/audience.ts";
import type { MemberName } from "../upgrade/members.ts";
import { notifySteadily } from "../upgrade/notify-steadily.ts";
import { playDuring } from "../upgrade/upgrade-run.ts";
import { watchAlerts, type AlertWatch, type WatchedPhase } from "./alert-watch.ts";
import { masterPort, startCluster, TOKEN, type Cluster } from "./cluster.ts";
import type { Fault } from "./faults.ts";

export interface RehearsalOptions {
  readonly balancer: Program;
  readonly gateways: readonly MemberName[];
  /** Folders of the release before and of this one. */
  readonly roots: Readonly<Record<"previous" | "current", string>>;
  readonly faults: readonly Fault[];
  /** Also restarts the release before, and fails Redis over. */
  readonly full: boolean;
  readonly seed: string;
  readonly progress?: (text: string) => void;
}

export interface RehearsalReport {
  readonly phases: readonly WatchedPhase[];
  readonly comparison: Comparison;
  readonly audience: ReturnType<Audience["compare"]>;
  readonly notifications: number;
  /** Exit codes of the services that were replaced. */
  readonly codes: readonly (number | null)[];
  /** Alerts that reached whoever is woken. */
  readonly notified: readonly string[];
  readonly restless: string | null;
}

const TOPICS = ["transactions", "token_updates", "market_data", "notifications"];
const CLIENTS = 12;
const PER_SLOT = 2;
/** More transactions than are played. */
const MARKET = 20_000;
const UNTROUBLED_MS = 10_000;
const SHORT_MS = 4_000;
const FIRES_WITHIN_MS = 150_000;
const CALM_WITHIN_MS = 150_000;

/** A certificate that nobody signed is good enough here. */
class TrustingWebSocket extends WebSocket {
  constructor(url: string) {
    super(url, { rejectUnauthorized: false });
  }
}

/** Kills the master of Redis, and lets it come back once its replica took over. */
const failOver = (redis: Cluster["redis"], phase: AlertWatch["during"]): Promise<void> =>
  phase(
    "failover of Redis",
    {
      may: [
        "RedisAway",
        "HeartbeatFails",
        "LeaseNotTaken",
        "NobodyPublishes",
        "NotReady",
        "CheckpointNotSaved",
      ],
    },
    async ({ calm }) => {
      await redis.master.kill();
      const isReplaced = async (): Promise<boolean> => (await masterPort(redis)) === redis.replica.port;
      await until(isReplaced, { withinMs: CALM_WITHIN_MS, otherwise: "Sentinel chose no other master." });
      await redis.master.restart();
      await delay(UNTROUBLED_MS);
      await calm(CALM_WITHIN_MS);
    },
  );

/** What is done to the cluster, one phase after the other. */
async function goThrough(
  cluster: Cluster,
  { roots, faults, full, progress = () => {} }: RehearsalOptions,
  { during }: AlertWatch,
): Promise<readonly (number | null)[]> {
  const { members, redis, balancer } = cluster;
  const codes: (number | null)[] = [];
  const replaceAll = async (root: string): Promise<void> => {
    for (const name of members.names) codes.push(await members.replace(name, root));
  };
  const phase: AlertWatch["during"] = async (name, expected, work) => {
    progress(name);
    await during(name, expected, work);
  };
  await phase("load", {}, () => delay(full ? UNTROUBLED_MS : SHORT_MS));
  if (full) await phase("rolling restart of the previous release", {}, () => replaceAll(roots.previous));
  await phase("rolling upgrade", {}, () => replaceAll(roots.current));
  await phase("reload of the load balancer", {}, async () => {
    balancer.reload();
    await delay(SHORT_MS);
  });
  if (full) await failOver(redis, phase);
  for (const fault of faults) {
    await phase(fault.name, fault, async ({ fired, calm }) => {
      const end = await fault.plant(cluster, roots.current);
      try {
        await fired(FIRES_WITHIN_MS);
      } finally {
        await end();
      }
      await calm(CALM_WITHIN_MS);
    });
  }
  return codes;
}

/** Runs a whole deployment through everything that happens to one, and counts. */
export async function rehearse(options: RehearsalOptions): Promise<RehearsalReport> {
  const { roots, gateways, seed } = options;
  const cluster = await startCluster({ balancer: options.balancer, gateways, root: roots.previous, seed });
  const ends: (() => unknown)[] = [() => cluster.stop()];
  try {
    const { localnet, redis, balancer, members, prometheus, alertmanager } = cluster;
    const facts = collectFacts(localnet);
    const broker: Broker = createRedisBroker({ url: redis.url, logger: silentLogger });
    await broker.start();
    ends.push(() => broker.close());
    const recording = recordTopics(broker, [...TOPICS, `program:${COMMCOIN_PROGRAM_ADDRESS}`]);
    ends.push(() => recording.stop());
    const url = `wss://127.0.0.1:${balancer.publicPort}/ws`;
    const audience = await startAudience(
      Array.from({ length: CLIENTS }, () => url),
      TOPICS,
      TrustingWebSocket,
    );
    ends.push(() => audience.close());
    const notifications = notifySteadily(`http://127.0.0.1:${members.portOf("admin")}`, TOKEN);
    // Who asks for the count hears of a refusal; this is for when nobody does.
    ends.push(() => notifications.stop().catch(() => 0));

    const player = createPlayer(localnet, { seed, transactions: MARKET, perSlot: PER_SLOT });
    const watch = watchAlerts(prometheus);
    let codes: readonly (number | null)[] = [];
    await playDuring(
      localnet,
      () => player.fill(),
      goThrough(cluster, options, watch).then((found) => {
        codes = found;
      }),
    );
    const sent = await notifications.stop();
    const compareNow = (): Comparison => compare(facts(), recording.topics);
    const restless = await withEmptySlots(localnet, () =>
      settle(localnet, { broker, recording, audit: true }, () => compareNow().missing.length === 0),
    );
    await audience.reaches(recording.topics);
    const told = alertmanager.notices.flatMap(({ alerts }) =>
      alerts.map(({ labels }) => labels["alertname"] ?? ""),
    );
    return {
      phases: watch.phases,
      comparison: compareNow(),
      audience: audience.compare(recording.topics),
      notifications: sent,
      codes,
      notified: [...new Set(told)].toSorted(),
      restless,
    };
  } finally {
    for (const end of ends.toReversed()) await end();
  }
}
