import { setTimeout as delay } from "node:timers/promises";
import { createRedisBroker } from "@commcoin/broker";
import { startRedisServer } from "@commcoin/broker/testing";
import { COMMCOIN_PROGRAM_ADDRESS, createLocalnet, type Localnet } from "@commcoin/localnet";
import { silentLogger } from "@commcoin/service/telemetry";
import { collectFacts } from "../listener-faults/chain-facts.ts";
import { compare, type Comparison } from "../listener-faults/compare.ts";
import { createPlayer } from "../listener-faults/player.ts";
import { recordTopics, type Recording } from "../listener-faults/recording.ts";
import { settle, SLOT_MS, withEmptySlots } from "../listener-faults/settle.ts";
import { startAudience, type Audience } from "./audience.ts";
import { startMembers, type MemberName } from "./members.ts";
import { notifySteadily } from "./notify-steadily.ts";

/** One server goes from the release that it runs to another. */
export interface Step {
  readonly member: MemberName;
  readonly to: "previous" | "current";
}

export interface UpgradeReport {
  /** What was published, against what happened on the chain. */
  readonly comparison: Comparison;
  /** What clients of both gateways got, against what was published. */
  readonly audience: ReturnType<Audience["compare"]>;
  readonly notifications: number;
  /** Exit codes of those that were replaced. */
  readonly codes: readonly (number | null)[];
  /** Longest time that a step took. */
  readonly slowestStepMs: number;
  readonly restless: string | null;
}

const GATEWAYS = ["gateway-1", "gateway-2"] as const;
export const MEMBERS: readonly MemberName[] = [...GATEWAYS, "admin", "listener-1", "listener-2"];
const CLIENTS_PER_GATEWAY = 3;
const TOPICS = ["transactions", "token_updates", "market_data", "notifications"];
const TOKEN = "an-admin-token-of-the-test";
const PER_SLOT = 3;
/** More transactions than are played. */
const MARKET = 10_000;
const RETAINED_SLOTS = 1_000_000;
const FINALITY_SLOTS = 16;

/** Plays slot after slot until the work is done. */
export async function playDuring(
  localnet: Localnet,
  fill: () => Promise<void>,
  work: Promise<unknown>,
): Promise<void> {
  const done = new AbortController();
  const ended = work.finally(() => done.abort());
  ended.catch(() => {});
  while (!done.signal.aborted) {
    await fill();
    localnet.advance();
    await delay(SLOT_MS);
  }
  await ended;
}

/**
 * Runs two gateways, two listeners and an admin on one Redis and one chain, and takes them from one release to the other,
 * one by one, while a market is played, notifications are sent through the admin, and clients listen at both gateways.
 * @param roots folders of the two releases.
 */
export async function runUpgrade({
  steps,
  roots,
  seed,
}: {
  readonly steps: readonly Step[];
  readonly roots: Readonly<Record<Step["to"], string>>;
  readonly seed: string;
}): Promise<UpgradeReport> {
  const ends: (() => unknown)[] = [];
  try {
    const redis = await startRedisServer();
    ends.push(() => redis.stop());
    const localnet = await createLocalnet({
      slotMs: null,
      genesis: seed,
      finalitySlots: FINALITY_SLOTS,
      retainedSlots: RETAINED_SLOTS,
    });
    ends.push(() => localnet.stop());
    const facts = collectFacts(localnet);
    const broker = createRedisBroker({ url: redis.url, logger: silentLogger });
    await broker.start();
    ends.push(() => broker.close());
    const recording: Recording = recordTopics(broker, [...TOPICS, `program:${COMMCOIN_PROGRAM_ADDRESS}`]);
    ends.push(() => recording.stop());
    const members = await withEmptySlots(localnet, () =>
      startMembers({
        names: MEMBERS,
        root: roots.previous,
        env: {
          REDIS_URL: redis.url,
          SOLANA_RPC_URL: localnet.httpUrl,
          SOLANA_WS_URL: localnet.wsUrl,
          TRANSACTION_LISTENER_AUDIT_INTERVAL: "1",
          TRANSACTION_LISTENER_LEASE_SECONDS: "2",
          ADMIN_TOKEN: TOKEN,
          SHUTDOWN_DRAIN_SECONDS: "1",
        },
      }),
    );
    ends.push(() => members.end());
    const urls = GATEWAYS.flatMap((name) =>
      Array.from({ length: CLIENTS_PER_GATEWAY }, () => `ws://127.0.0.1:${members.portOf(name)}/ws`),
    );
    const audience = await startAudience(urls, TOPICS);
    ends.push(() => audience.close());
    const notifications = notifySteadily(`http://127.0.0.1:${members.portOf("admin")}`, TOKEN);
    // Who asks for the count hears of a refusal; this is for when nobody does.
    ends.push(() => notifications.stop().catch(() => 0));

    const player = createPlayer(localnet, { seed, transactions: MARKET, perSlot: PER_SLOT });
    const codes: (number | null)[] = [];
    let slowestStepMs = 0;
    const restartAll = async (): Promise<void> => {
      for (const { member, to } of steps) {
        const startedAt = performance.now();
        codes.push(await members.replace(member, roots[to]));
        slowestStepMs = Math.max(slowestStepMs, performance.now() - startedAt);
      }
    };
    await playDuring(localnet, () => player.fill(), restartAll());
    const sent = await notifications.stop();
    const compareNow = (): Comparison => compare(facts(), recording.topics);
    const restless = await withEmptySlots(localnet, () =>
      settle(localnet, { broker, recording, audit: true }, () => compareNow().missing.length === 0),
    );
    await audience.reaches(recording.topics);
    return {
      comparison: compareNow(),
      audience: audience.compare(recording.topics),
      notifications: sent,
      codes,
      slowestStepMs,
      restless,
    };
  } finally {
    for (const end of ends.reverse()) await end();
  }
}
