import { startWorker, type Worker } from "@commcoin/harness";
import { eventuallyReady } from "../support/eventually-ready.ts";
import type { Sample } from "../samples.ts";
import { commonEnv, withScene, type Scene } from "../scene.ts";
import type { ChainCommands } from "../support/chain-worker.ts";
import { createService } from "../support/service.ts";
import { startHostileNode, type HostileNode, type Target } from "./hostile-node.ts";

/** A listener with two nodes beside the other services. Either can be anything; attacks see to it that one is honest. */
export interface NodesScene extends Scene {
  readonly node: HostileNode;
  readonly otherNode: HostileNode;
  /** Whom the first node speaks for when it is honest. */
  readonly target: Target;
  readonly chain: Worker<ChainCommands>;
  /** Starts another chain, for nodes that speak for the wrong one. */
  readonly startOtherChain: () => Promise<{
    readonly chain: Worker<ChainCommands>;
    readonly target: Target;
  }>;
}

const MARKET = { transactionsPerSecond: 20, slotMs: 200 } as const;
const ENDPOINTS = 2;
/** So long a new listener follows an honest chain, until it has everything that it needs. */
const READY_WITHIN_MS = 20_000;

async function startChain(
  genesis: string,
): Promise<{ readonly chain: Worker<ChainCommands>; readonly targets: readonly [Target, Target] }> {
  const chain = await startWorker<ChainCommands>(new URL("../support/chain-worker.ts", import.meta.url));
  const { http, ws } = await chain.call("open", { genesis, ...MARKET, endpoints: ENDPOINTS });
  const at = (index: number): Target => ({ http: http[index] ?? "", ws: ws[index] ?? "" });
  return { chain, targets: [at(0), at(1)] };
}

/** What was confirmed on the chain, and when the healthy client had it. */
export const chainSamples =
  ({ chain, witness }: Pick<NodesScene, "chain" | "witness">) =>
  async (since: number): Promise<readonly Sample[]> => {
    // In this order, so that nothing counts as confirmed that could not have arrived.
    const confirmed = await chain.call("confirmedSince", since);
    const arrived = await witness.call("arrivedSince", since);
    return confirmed.map(([id, at]) => {
      const receivedAt = arrived.get(id);
      const ageMs = receivedAt === undefined ? null : Math.max(0, receivedAt - at);
      return { id, at, ageMs, latencyMs: ageMs };
    });
  };

/** Starts the services and the nodes; `play` is given what starts a new listener among them for as long as something takes. */
export function withNodes<Result>(
  seed: string,
  play: (
    withListener: <Part>(work: (scene: NodesScene) => Promise<Part>) => Promise<Part>,
  ) => Promise<Result>,
): Promise<Result> {
  return withScene("services", async (scene) => {
    const putAways: (() => Promise<void>)[] = [];
    try {
      const { chain, targets } = await startChain(seed);
      putAways.push(() => chain.stop());
      const [first, second] = targets;
      const startOtherChain = async () => {
        const other = await startChain(`${seed}/other`);
        putAways.push(() => other.chain.stop());
        return { chain: other.chain, target: other.targets[0] };
      };
      return await play(async (work) => {
        const node = await startHostileNode(first);
        const otherNode = await startHostileNode(second);
        const listener = await createService("listener", {
          ...commonEnv(scene.redis.url),
          SOLANA_RPC_URL: `${node.httpUrl},${otherNode.httpUrl}`,
          SOLANA_WS_URL: `${node.wsUrl},${otherNode.wsUrl}`,
        });
        try {
          const services = [...scene.services, listener];
          const nodesScene: NodesScene = {
            ...scene,
            services,
            node,
            otherNode,
            target: first,
            chain,
            startOtherChain,
          };
          await eventuallyReady(services, chainSamples(nodesScene), READY_WITHIN_MS);
          return await work(nodesScene);
        } finally {
          await listener.terminate(READY_WITHIN_MS);
          await listener.stop();
          await node.close();
          await otherNode.close();
        }
      });
    } finally {
      for (const putAway of putAways.reverse()) await putAway();
    }
  });
}
