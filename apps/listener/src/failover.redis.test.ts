import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createRedisBroker, type Broker } from "@commcoin/broker";
import { startRedisServer, type RedisServer } from "@commcoin/broker/testing";
import { createLocalnet, type Localnet } from "@commcoin/localnet";
import { silentLogger } from "@commcoin/service/telemetry";
import { fastest } from "@commcoin/tsconfig/fastest";
import { afterEach, describe, expect, it } from "vitest";
import { createCommcoinMarket, relevantSignatures } from "./testing/commcoin-market.ts";
import { expectComplete, expectExactMarkets, expectSound, ofType, until } from "./testing/expect-complete.ts";
import { readTopic } from "./testing/read-topic.ts";

const SLOT_MS = 100;
const TAKEOVER_MS = 5_000;
const PACKAGE = fileURLToPath(new URL("..", import.meta.url));

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface Process {
  readonly id: string;
  readonly child: ChildProcess;
}

interface Cluster {
  readonly redis: RedisServer;
  readonly localnet: Localnet;
  readonly broker: Broker;
  /** Starts a listener in a process of its own, and waits until it is ready. */
  join(id: string): Promise<Process>;
  /** The server id of the listener that publishes, of those that are asked about. */
  publishing(...ids: readonly string[]): Promise<string | null>;
}

async function startCluster(env: Readonly<Record<string, string>>): Promise<Cluster> {
  const redis = await startRedisServer();
  cleanUps.push(() => redis.stop());
  const localnet = await createLocalnet({ slotMs: SLOT_MS });
  cleanUps.push(() => localnet.stop());
  const broker = createRedisBroker({ url: redis.url, logger: silentLogger });
  await broker.start();
  cleanUps.push(() => broker.close());
  const counts = async (id: string) =>
    (await broker.registry.servers()).find(({ server_id }) => server_id === id)?.counts;
  return {
    redis,
    localnet,
    broker,
    async join(id) {
      const child = spawn(
        process.execPath,
        ["--conditions=@commcoin/source", "--import", "tsx", "src/main.ts"],
        {
          cwd: PACKAGE,
          env: {
            ...process.env,
            SERVER_ID: id,
            REDIS_URL: redis.url,
            SOLANA_RPC_URL: localnet.httpUrl,
            SOLANA_WS_URL: localnet.wsUrl,
            LISTENER_PORT: "0",
            LOG_LEVEL: "error",
            TRANSACTION_LISTENER_AUDIT_INTERVAL: "1",
            ...env,
          },
          stdio: ["ignore", "inherit", "inherit"],
        },
      );
      cleanUps.push(async () => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const exited = once(child, "exit");
        child.kill("SIGKILL");
        await exited;
      });
      await until(async () => {
        const { subscriptions = 0 } = (await counts(id)) ?? {};
        expect(subscriptions).toBeGreaterThan(0);
      }, 60_000);
      return { id, child };
    },
    async publishing(...ids) {
      for (const id of ids) if ((await counts(id))?.["leader"] === 1) return id;
      return null;
    },
  };
}

const topOf = async (broker: Broker): Promise<number> =>
  (await broker.positions(["transactions"]))[0]?.offset ?? 0;

/** Plays a little until something new is published; milliseconds that it took. */
async function publishedAgain(
  broker: Broker,
  market: { play(steps: number): Promise<void> },
): Promise<number> {
  const since = performance.now();
  const top = await topOf(broker);
  await until(async () => {
    await market.play(1);
    expect(await topOf(broker)).toBeGreaterThan(top);
  }, 60_000);
  return performance.now() - since;
}

describe("two listeners on one Redis", { timeout: 240_000 }, () => {
  /** A cluster of two with a market, of which one leads. */
  async function setUp(env: Readonly<Record<string, string>> = {}) {
    const cluster = await startCluster(env);
    const { localnet, broker } = cluster;
    const processes = [await cluster.join("one"), await cluster.join("two")];
    const market = createCommcoinMarket(localnet, "failover");
    await market.play(30);
    await expectComplete(localnet, broker, 60_000);
    let id: string | null = null;
    await until(async () => {
      id = await cluster.publishing("one", "two");
      expect(id).not.toBeNull();
    });
    const [leader, standby] = id === "one" ? processes : processes.toReversed();
    if (leader === undefined || standby === undefined) throw new Error("There are two processes.");
    return { ...cluster, market, leader: leader.child, standby: standby.child };
  }

  it("lose nothing and double nothing when the one that publishes is killed", async () => {
    const takenOverAfterMs = async (): Promise<number> => {
      const { localnet, broker, market, leader, standby } = await setUp();
      await market.play(15);
      leader.kill("SIGKILL");
      await market.play(15);
      const tookMs = await publishedAgain(broker, market);
      await market.play(15);
      await expectComplete(localnet, broker, 60_000);
      await expectExactMarkets(broker);
      expect(standby.exitCode).toBeNull();
      return tookMs;
    };
    expect(await fastest(TAKEOVER_MS, takenOverAfterMs)).toBeLessThan(TAKEOVER_MS);
  });

  it("hand over at once when the one that publishes is stopped", async () => {
    const { localnet, broker, market, leader } = await setUp({
      TRANSACTION_LISTENER_LEASE_SECONDS: "30",
    });
    const exited = once(leader, "exit");
    leader.kill("SIGTERM");
    await market.play(15);
    expect(await exited).toEqual([0, null]);
    // The lease would run for half a minute.
    expect(await publishedAgain(broker, market)).toBeLessThan(15_000);
    await expectComplete(localnet, broker, 60_000);
    await expectExactMarkets(broker);
  });

  it("lose nothing and double nothing when the one that publishes is paused and comes back", async () => {
    const takenOverAfterMs = async (): Promise<number> => {
      const { localnet, broker, market, leader, ...cluster } = await setUp();
      const before = await cluster.publishing("one", "two");
      leader.kill("SIGSTOP");
      await market.play(15);
      const tookMs = await publishedAgain(broker, market);
      await market.play(15);
      leader.kill("SIGCONT");
      await market.play(15);
      await expectComplete(localnet, broker, 60_000);
      await expectExactMarkets(broker);
      const after = before === "one" ? "two" : "one";
      await until(async () => {
        expect(await cluster.publishing(after)).toBe(after);
        expect(await cluster.publishing(before ?? "")).toBeNull();
      });
      return tookMs;
    };
    expect(await fastest(TAKEOVER_MS, takenOverAfterMs)).toBeLessThan(TAKEOVER_MS);
  });

  it("go on with what comes when Redis loses its data and the one that publishes dies", async () => {
    const { redis, localnet, broker, market, leader, standby } = await setUp();
    const settled = localnet.ledger.slot("confirmed");
    await until(() => expect(localnet.ledger.slot("finalized")).toBeGreaterThan(settled));
    const lastWatermark = async (): Promise<number> => {
      const servers = await broker.registry.servers();
      return Math.max(...servers.map(({ counts }) => counts["watermark"] ?? 0));
    };
    await until(async () => expect(await lastWatermark()).toBeGreaterThan(settled));
    // The one that stands by looks where publishing is once a second.
    const followed = localnet.ledger.openSlot() + 3_000 / SLOT_MS;
    await until(() => expect(localnet.ledger.openSlot()).toBeGreaterThan(followed));
    const [before] = await broker.positions(["transactions"]);
    const firstSlot = localnet.ledger.openSlot();
    leader.kill("SIGKILL");
    await redis.restart();
    await market.play(30);
    const played = localnet.ledger.openSlot();
    await until(() => expect(localnet.ledger.slot("confirmed")).toBeGreaterThanOrEqual(played));
    const landed = relevantSignatures(localnet, new Set(), firstSlot);
    expect(landed.length).toBeGreaterThan(5);

    let told: readonly string[] = [];
    await until(async () => {
      const frames = await readTopic(broker, "transactions");
      expectSound(frames);
      const updates = ofType(frames, "TransactionUpdate");
      told = updates.filter(({ data }) => data.status !== "finalized").map(({ data }) => data.transaction_id);
      expect(told).toEqual(expect.arrayContaining([...landed]));
      const confirmed = updates
        .filter(({ data }) => data.status === "confirmed")
        .map(({ data }) => data.transaction_id);
      const finalized = updates
        .filter(({ data }) => data.status === "finalized")
        .map(({ data }) => data.transaction_id);
      expect(finalized).toEqual(expect.arrayContaining(confirmed));
    }, 60_000);
    // A new epoch tells clients to begin anew; what was settled long ago is not told once more.
    const [after] = await broker.positions(["transactions"]);
    expect(after?.epoch).not.toBe(before?.epoch);
    const old = relevantSignatures(localnet, new Set()).filter((signature) => !landed.includes(signature));
    expect(old.length).toBeGreaterThan(10);
    expect(told.filter((signature) => old.slice(0, 10).includes(signature))).toEqual([]);
    expect(standby.exitCode).toBeNull();
  });
});
