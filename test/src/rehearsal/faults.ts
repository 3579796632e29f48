import { askRedis, type RedisServer } from "@commcoin/broker/testing";
import type { FaultPatch } from "@commcoin/localnet";
import { repeatedly } from "../monitoring/repeatedly.ts";
import type { MemberName } from "../upgrade/members.ts";
import type { Expected } from "./alert-watch.ts";
import { masterPort, type Cluster } from "./cluster.ts";

/** Something that goes wrong in the night. */
export interface Fault extends Expected {
  readonly name: string;
  /** @returns what makes it well again. */
  plant(cluster: Cluster, root: string): Promise<() => unknown>;
}

const VICTIM: MemberName = "gateway-2";
const STOPPED_MS = 300;
const RUNNING_MS = 200;

const allNodes =
  (patch: FaultPatch): Fault["plant"] =>
  ({ localnet: { endpoints } }) => {
    const nothing = Object.fromEntries(Object.keys(patch).map((name) => [name, null]));
    for (const { faults } of endpoints) faults.set(patch);
    return Promise.resolve(() => {
      for (const { faults } of endpoints) faults.set(nothing);
    });
  };

/** The one of the two that is the master now. */
const masterOf = async ({ redis }: Cluster): Promise<RedisServer> =>
  (await masterPort(redis)) === redis.replica.port ? redis.replica : redis.master;

export const FAULTS: readonly Fault[] = [
  {
    name: "a gateway is killed and stays away",
    must: ["ServiceDown"],
    async plant({ members }, root) {
      await members.kill(VICTIM);
      return () => members.replace(VICTIM, root);
    },
  },
  {
    name: "a gateway does not get the core that it needs",
    must: ["EventLoopFull"],
    may: ["DeliverySlow", "RedisSlow"],
    plant: ({ members }) =>
      Promise.resolve(
        repeatedly(async () => {
          members.signal(VICTIM, "SIGSTOP");
          await new Promise((resolve) => setTimeout(resolve, STOPPED_MS));
          members.signal(VICTIM, "SIGCONT");
          await new Promise((resolve) => setTimeout(resolve, RUNNING_MS));
        }),
      ),
  },
  {
    name: "all nodes are silent, their sockets open",
    must: ["NodeStandsStill"],
    may: ["NotReady", "ListenerBehind", "NothingPublished", "NodeReconnects", "StreamMisses", "ProofBehind"],
    plant: allNodes({ halfOpen: { connections: "all" } }),
  },
  {
    name: "the nodes refuse half of all requests",
    must: ["NodeRefusesRequests"],
    // Subscriptions are requests as well: without them a connection is of no use.
    may: [
      "NodeReconnects",
      "TransactionsMissing",
      "ListenerBehind",
      "ProofBehind",
      "NotReady",
      "StreamMisses",
    ],
    plant: allNodes({ rateLimit: { probability: 0.5 } }),
  },
  {
    name: "Redis is full",
    must: ["HeartbeatFails", "CheckpointNotSaved"],
    may: ["RedisAway", "NotReady", "LeaseNotTaken", "NobodyPublishes", "NothingPublished", "ListenerBehind"],
    async plant(cluster) {
      const master = await masterOf(cluster);
      await askRedis(master, "CONFIG", "SET", "maxmemory", 1);
      return () => askRedis(master, "CONFIG", "SET", "maxmemory", 0);
    },
  },
];
