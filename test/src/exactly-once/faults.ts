import { askRedis, until, type RedisServer } from "@commcoin/broker/testing";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Audience } from "./audience.ts";
import type { Deployment, DeploymentKind, Persistence } from "./deployments.ts";
import type { Gateways } from "./gateways.ts";
import type { Load } from "./load.ts";

/** How long and how much: small in the tests, large in the full run. */
export interface Size {
  readonly clients: number;
  /** Messages per second in all. */
  readonly rate: number;
  /** Clients that are made too slow, where the fault is that. */
  readonly slowClients: number;
  /** Large messages per second for them. The faster, the fewer of them can be told why they are closed. */
  readonly slowedBy: number;
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly pauseMs: number;
  readonly drainSeconds: number;
  /** Messages at once, where the fault is too many of them. */
  readonly flood: number;
}

/** Everything that a fault can be done to. */
export interface Stage {
  readonly redis: Deployment;
  readonly gateways: Gateways;
  readonly audience: Audience;
  readonly load: Load;
  readonly size: Size;
  /** To be called when nothing keeps the product from recovering any more. */
  readonly healed: () => void;
  /** To be called when it took longer than readers wait for what a new master has not got: they may be told then. */
  readonly tookLong: () => void;
}

export interface Fault {
  readonly name: string;
  readonly on: DeploymentKind;
  readonly persistence?: Persistence;
  /** Whether Redis loses its data, so that clients have to be told. */
  readonly dataIsGone?: true;
  /** Clients that are also sent large messages. */
  readonly slow?: true;
  /** @returns what happened, in a few words. @throws when the fault did not come about. */
  strike(stage: Stage): Promise<string>;
}

/** What a load balancer needs to notice that a server is gone. */
const NOTICE_MS = 1_000;
const RESTART_AFTER_MS = 500;
const TAKEOVER_MS = 20_000;
/** Readers wait ten seconds; some of that goes by before and after a replica takes over. */
const PROMPT_TAKEOVER_MS = 8_000;
const UNREPLICATED_MS = 500;
const CUTS = 3;
const CUT_EVERY_MS = 400;
const TINY_BUFFER = "pubsub 8192 4096 1";
const DEFAULT_BUFFER = "pubsub 33554432 8388608 60";
const HEAVY_EVERY_MS = 100;
/** What the topic keeps is not exceeded, so that those who were too slow can be told everything. */
const MAX_HEAVY = 900;

const serverOf = ({ redis }: Stage): RedisServer => {
  if (redis.kind !== "single") throw new Error("This fault is for a single Redis.");
  return redis.server;
};
const groupOf = ({ redis }: Stage) => {
  if (redis.kind !== "sentinel") throw new Error("This fault is for a Redis with Sentinel.");
  return redis.group;
};
const clusterOf = ({ redis }: Stage) => {
  if (redis.kind !== "cluster") throw new Error("This fault is for a Redis Cluster.");
  return redis.cluster;
};

/** Ids of the connections that Redis counts as subscribers. */
const subscribers = async (server: RedisServer): Promise<readonly string[]> =>
  String(await askRedis(server, "CLIENT", "LIST", "TYPE", "pubsub")).match(/\bid=\d+/g) ?? [];

const routeToRunning = ({ audience, gateways }: Stage): Promise<void> => audience.route(gateways.ports());

/** Kills a master, waits for its replica to take over, and lets it come back. */
async function killMaster(
  { healed, tookLong }: Stage,
  master: RedisServer,
  hasTakenOver: () => Promise<boolean>,
): Promise<string> {
  await master.kill();
  healed();
  const killedAt = performance.now();
  await until(hasTakenOver, { withinMs: TAKEOVER_MS, otherwise: "No replica took over." });
  const tookMs = performance.now() - killedAt;
  if (tookMs > PROMPT_TAKEOVER_MS) tookLong();
  await master.restart();
  return `a replica took over after ${(tookMs / 1_000).toFixed(1)} s, the old master came back`;
}

async function failOver(stage: Stage): Promise<string> {
  const { master, sentinel, replica } = groupOf(stage);
  return killMaster(stage, master, async () => {
    const [, port] = (await askRedis(sentinel, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main")) as string[];
    return Number(port) === replica.port;
  });
}

export const FAULTS: readonly Fault[] = [
  {
    name: "gateway-killed",
    on: "single",
    async strike(stage) {
      await stage.gateways.kill();
      stage.healed();
      await delay(NOTICE_MS);
      await routeToRunning(stage);
      await stage.gateways.start();
      await routeToRunning(stage);
      return "SIGKILL, one more started";
    },
  },
  {
    name: "gateway-drained",
    on: "single",
    async strike(stage) {
      const { exit } = stage.gateways.drain();
      await routeToRunning(stage);
      const code = await exit;
      stage.healed();
      await stage.gateways.start();
      await routeToRunning(stage);
      if (code !== 0) throw new Error(`The drained gateway ended with ${code}.`);
      return "SIGTERM, exit 0, one more started";
    },
  },
  {
    name: "redis-restarted-with-log",
    on: "single",
    persistence: "log",
    async strike(stage) {
      await serverOf(stage).kill();
      await delay(RESTART_AFTER_MS);
      await serverOf(stage).restart();
      stage.healed();
      return "SIGKILL, back with its append-only file";
    },
  },
  {
    name: "redis-restarted-with-snapshot",
    on: "single",
    persistence: "snapshot",
    async strike(stage) {
      await serverOf(stage).shutDown();
      await delay(RESTART_AFTER_MS);
      await serverOf(stage).restart();
      stage.healed();
      return "SIGTERM, back with its snapshot";
    },
  },
  {
    name: "redis-restarted-empty",
    on: "single",
    dataIsGone: true,
    async strike(stage) {
      const server = serverOf(stage);
      await server.kill();
      for (const file of ["appendonlydir", "dump.rdb"]) {
        await rm(join(server.directory, file), { recursive: true, force: true });
      }
      await delay(RESTART_AFTER_MS);
      await server.restart();
      stage.healed();
      return "SIGKILL, back without data";
    },
  },
  {
    name: "redis-paused",
    on: "single",
    async strike(stage) {
      serverOf(stage).pause();
      await delay(stage.size.pauseMs);
      serverOf(stage).resume();
      stage.healed();
      return `SIGSTOP for ${stage.size.pauseMs / 1_000} s`;
    },
  },
  { name: "sentinel-failover", on: "sentinel", strike: failOver },
  {
    name: "sentinel-failover-unreplicated",
    on: "sentinel",
    async strike(stage) {
      await groupOf(stage).stopReplication();
      await delay(UNREPLICATED_MS);
      return `${UNREPLICATED_MS / 1_000} s without replication, then ${await failOver(stage)}`;
    },
  },
  {
    name: "cluster-master-killed",
    on: "cluster",
    async strike(stage) {
      const cluster = clusterOf(stage);
      const owner = await cluster.ownerOf("{transactions}");
      return killMaster(stage, owner, async () => (await cluster.ownerOf("{transactions}")) !== owner);
    },
  },
  {
    name: "subscriber-cut",
    on: "single",
    async strike(stage) {
      let killed = 0;
      for (let cut = 0; cut < CUTS; cut += 1) {
        killed += Number(await askRedis(serverOf(stage), "CLIENT", "KILL", "TYPE", "pubsub"));
        await delay(CUT_EVERY_MS);
      }
      stage.healed();
      if (killed === 0) throw new Error("There was no subscriber connection.");
      return `CLIENT KILL TYPE pubsub, ${killed} connections`;
    },
  },
  {
    name: "output-buffer-cut",
    on: "single",
    async strike(stage) {
      const server = serverOf(stage);
      const limit = (value: string): Promise<unknown> =>
        askRedis(server, "CONFIG", "SET", "client-output-buffer-limit", value);
      const before = await subscribers(server);
      await limit(TINY_BUFFER);
      for (let cut = 0; cut < CUTS; cut += 1) {
        stage.load.burst("transactions", stage.size.flood);
        await delay(CUT_EVERY_MS);
      }
      await limit(DEFAULT_BUFFER);
      stage.healed();
      const after = await subscribers(server);
      const cuts = before.filter((id) => !after.includes(id)).length;
      if (cuts === 0) throw new Error("Redis cut nobody off.");
      return `${CUTS * stage.size.flood} messages at once, ${cuts} connections cut`;
    },
  },
  {
    name: "client-frozen",
    on: "single",
    slow: true,
    async strike(stage) {
      const { audience, gateways, load } = stage;
      await audience.freeze();
      /** They do not come back before they read again. */
      const left = async (): Promise<number> =>
        audience.clients - (await gateways.metric("commcoin_gateway_connections"));
      const atOnce = Math.ceil((stage.size.slowedBy * HEAVY_EVERY_MS) / 1_000);
      let heavy = 0;
      while ((await left()) < audience.heavy && heavy < MAX_HEAVY) {
        load.heavy(atOnce);
        heavy += atOnce;
        await delay(HEAVY_EVERY_MS);
      }
      try {
        // What was sent last may be on its way still.
        await until(async () => (await left()) >= audience.heavy, {
          withinMs: TAKEOVER_MS,
          otherwise: `Not all of the ${audience.heavy} frozen clients were closed.`,
        });
      } finally {
        await audience.thaw();
        stage.healed();
      }
      const closed = audience.heavy;
      const told = await gateways.metric("commcoin_gateway_closes_total", 'code="3008"');
      return `${closed} frozen clients closed after ${heavy} messages of 16 KiB, ${told} of them with 3008`;
    },
  },
  {
    name: "reconnect-storm",
    on: "single",
    async strike(stage) {
      await stage.audience.cut();
      stage.healed();
      return "all connections cut at once";
    },
  },
];
