import { setTimeout as delay } from "node:timers/promises";
import { createRedisBroker } from "@commcoin/broker";
import { startRedisServer } from "@commcoin/broker/testing";
import { COMMCOIN_PROGRAM_ADDRESS, createLocalnet, createRandom, type Localnet } from "@commcoin/localnet";
import { silentLogger } from "@commcoin/service/telemetry";
import { collectFacts } from "./chain-facts.ts";
import { startListeners, type Takeover } from "./cluster.ts";
import { compare, type Comparison } from "./compare.ts";
import { planTroubles } from "./plan.ts";
import { createPlayer } from "./player.ts";
import { recordTopics, type Recording } from "./recording.ts";
import { createSaboteur } from "./saboteur.ts";
import { settle, SLOT_MS, withEmptySlots } from "./settle.ts";

export interface FaultRunOptions {
  /** Determines the market, the forks and what goes wrong when. */
  readonly seed: string;
  /** Of the market; what is played besides fills wallets. */
  readonly transactions: number;
  readonly perSlot: number;
  /** Slots between two troubles of the node, and of our own processes, on average. */
  readonly nodeEvery: number;
  readonly processEvery: number;
  readonly leaseSeconds: number;
  readonly audit: boolean;
  readonly progress?: (text: string) => void;
}

export interface FaultReport extends Comparison {
  readonly seed: string;
  readonly transactions: number;
  readonly refused: number;
  readonly slots: number;
  readonly seconds: number;
  /** How often each kind of trouble was made. */
  readonly troubles: ReadonlyMap<string, number>;
  /** How often faults of the node struck, by name. */
  readonly struck: ReadonlyMap<string, number>;
  readonly takeovers: readonly Takeover[];
  /** What listeners warned of, and how often. */
  readonly said: ReadonlyMap<string, number>;
  readonly crashes: readonly string[];
  /** Why the listeners did not come to rest, if they did not. */
  readonly restless: string | null;
}

const ENDPOINTS = 2;
const LISTENERS = 3;
const FINALITY_SLOTS = 16;
/** More than any run has: the oracle has to know all of it. */
const RETAINED_SLOTS = 10_000_000;
const PROGRESS_SLOTS = 100;
/** Making trouble takes no time, but for a process that does not end when it is asked to. */
const LONG_MS = 1_000;

const listenerEnv = (
  { endpoints }: Localnet,
  redisUrl: string,
  { leaseSeconds, audit }: FaultRunOptions,
): ((index: number) => Readonly<Record<string, string>>) => {
  const inTurn = (index: number, urls: readonly string[]): string =>
    [...urls.slice(index % urls.length), ...urls.slice(0, index % urls.length)].join(",");
  return (index) => ({
    SERVER_ID: `listener-${index}`,
    REDIS_URL: redisUrl,
    SOLANA_RPC_URL: inTurn(
      index,
      endpoints.map(({ httpUrl }) => httpUrl),
    ),
    SOLANA_WS_URL: inTurn(
      index,
      endpoints.map(({ wsUrl }) => wsUrl),
    ),
    LISTENER_PORT: "0",
    // The recording asks for it four times a second, and all traffic goes through it.
    TOPIC_RETENTION: "program=20000",
    TRANSACTION_LISTENER_AUDIT_INTERVAL: audit ? "1" : "0",
    TRANSACTION_LISTENER_LEASE_SECONDS: String(leaseSeconds),
    TRANSACTION_LISTENER_REQUEST_TIMEOUT: "1",
    // Without the audit a reconnect would list what a blackout hid: none may come from a machine that stalls.
    TRANSACTION_LISTENER_SLOT_TIMEOUT: audit ? "2" : "60",
  });
};

/**
 * Plays a market on a chain with two endpoints, with three listeners in processes of their own and a real Redis, while
 * everything goes wrong that can; then compares what was published with what happened.
 */
export async function runListenerFaults(options: FaultRunOptions): Promise<FaultReport> {
  const { seed, transactions, perSlot, nodeEvery, processEvery, leaseSeconds, progress = () => {} } = options;
  const startedAt = performance.now();
  const ends: (() => unknown)[] = [];
  try {
    // Acknowledged is written: what Redis loses in a crash would be lost to everybody.
    const redis = await startRedisServer({ args: ["--appendonly", "yes", "--appendfsync", "always"] });
    ends.push(() => redis.stop());
    const localnet = await createLocalnet({
      slotMs: null,
      genesis: seed,
      faultSeed: seed,
      endpoints: ENDPOINTS,
      finalitySlots: FINALITY_SLOTS,
      retainedSlots: RETAINED_SLOTS,
    });
    ends.push(() => localnet.stop());
    const facts = collectFacts(localnet);
    const broker = createRedisBroker({ url: redis.url, logger: silentLogger });
    await broker.start();
    ends.push(() => broker.close());
    const recording = recordTopics(broker, [
      "transactions",
      "token_updates",
      "market_data",
      `program:${COMMCOIN_PROGRAM_ADDRESS}`,
    ]);
    ends.push(() => recording.stop());
    const cluster = await withEmptySlots(localnet, () =>
      startListeners(LISTENERS, listenerEnv(localnet, redis.url, options)),
    );
    ends.push(() => cluster.end());

    const player = createPlayer(localnet, options);
    const slots = Math.ceil(transactions / perSlot);
    const plan = planTroubles(createRandom(`${seed}/plan`), {
      slots,
      endpoints: ENDPOINTS,
      sleepSlots: Math.ceil((leaseSeconds * 1_500) / SLOT_MS) + 10,
      nodeEvery,
      processEvery,
    });
    const random = createRandom(`${seed}/troubles`);
    const saboteur = createSaboteur(plan, { localnet, redis, cluster, random, listeners: LISTENERS });
    const playingAt = performance.now();
    let slot = 0;
    for (; player.left > 0; slot += 1) {
      const before = performance.now();
      await saboteur.slot(slot);
      const waited = performance.now() - before;
      if (waited > LONG_MS) progress(`slot ${slot}: trouble took ${(waited / 1_000).toFixed(1)} s`);
      await player.fill();
      localnet.advance();
      for (const topic of tokenTopics(recording)) recording.add(topic);
      cluster.leader();
      if (slot % PROGRESS_SLOTS === 0) {
        progress(
          `slot ${slot} of ${slots}: ${transactions - player.left} transactions, ${recording.size} messages`,
        );
      }
      const dueMs = playingAt + (slot + 1) * SLOT_MS - performance.now();
      if (dueMs > 0) await delay(dueMs);
      else await delay(0);
    }
    await saboteur.makePeace();
    progress("everything is well again; waiting for the listeners");
    const compareNow = (): Comparison => compare(facts(), recording.topics);
    const isComplete = (): boolean => {
      for (const topic of tokenTopics(recording)) recording.add(topic);
      return compareNow().missing.length === 0;
    };
    const restless = await withEmptySlots(localnet, () =>
      settle(localnet, { broker, recording, audit: options.audit }, isComplete),
    );
    const comparison = compareNow();
    const struck = new Map<string, number>();
    for (const { faults } of localnet.endpoints) {
      for (const [name, count] of Object.entries(faults.state().fired))
        struck.set(name, (struck.get(name) ?? 0) + count);
    }
    return {
      ...comparison,
      holes: [...comparison.holes, ...recording.gaps],
      seed,
      transactions: localnet.oracle.transactions().length,
      refused: player.refused,
      slots: slot,
      seconds: (performance.now() - startedAt) / 1_000,
      troubles: saboteur.made,
      struck,
      takeovers: cluster.takeovers,
      said: cluster.said(),
      crashes: cluster.crashes,
      restless,
    };
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

const tokenTopics = ({ topics }: Recording): readonly string[] =>
  (topics.get("token_updates") ?? [])
    .filter(({ type }) => type === "TokenCreated")
    .map(({ data }) => `token:${String(data.token_id)}`);
