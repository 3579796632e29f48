import { createAskChain } from "./chain/ask-chain.ts";
import { createChainWatch, type ChainWatch } from "./chain/chain-watch.ts";
import { createFollowedChain } from "./chain/followed-chain.ts";
import { logChain } from "./chain/log-chain.ts";
import { readBrokerChain } from "./checkpoint/broker-chain.ts";
import { createTransactionDecoder } from "./decode/decode-transaction.ts";
import { createIngestion, type Ingestion, type IngestionOptions } from "./ingestion.ts";
import { connectNodes } from "./rpc/connect-rpc.ts";
import { nameEndpoints } from "./rpc/endpoints.ts";
import { createNodeReports, type NodeReports } from "./rpc/node-reports.ts";
import type { NodeRpc } from "./rpc/node-rpc.ts";
import { createAbortScope } from "./support/abort-scope.ts";
import { retry } from "./support/retry.ts";
import { createThrottledLog } from "./support/throttled-log.ts";

type FollowerOptions = Omit<IngestionOptions, "chain" | "reports">;

/** So long a node may take to tell of which chain it is: what is asked of it waits. */
const ASK_MS = 2_000;

/** The nodes, to be asked for their chain alone. */
const connectForChain = ({ config }: FollowerOptions, reports: NodeReports): readonly NodeRpc[] =>
  connectNodes({
    urls: config.SOLANA_RPC_URL,
    concurrency: config.SOLANA_RPC_URL.length,
    perSecond: 0,
    onDelay: () => {},
    timeoutMs: ASK_MS,
    onBatchesRefused: () => {},
    decode: createTransactionDecoder({ commcoinProgramId: config.COMMCOIN_PROGRAM_ID }),
    reports,
  }).each;

/** An ingestion with the nodes that are not set aside. */
function createIngestionOf(
  options: FollowerOptions,
  {
    watch,
    reports,
    ...chain
  }: Pick<IngestionOptions["chain"], "network" | "isNew"> & {
    readonly watch: ChainWatch;
    readonly reports: NodeReports;
  },
): Ingestion {
  const { config } = options;
  const kept = config.SOLANA_WS_URL.flatMap((_, node) => (watch.setAside.has(node) ? [] : [node]));
  const of = (urls: readonly string[]): string[] => kept.flatMap((node) => urls[node] ?? []);
  return createIngestion({
    ...options,
    reports,
    config: { ...config, SOLANA_RPC_URL: of(config.SOLANA_RPC_URL), SOLANA_WS_URL: of(config.SOLANA_WS_URL) },
    chain: {
      ...chain,
      admissionOf: (place) => {
        const node = kept[place] ?? place;
        return { admit: () => watch.admit(node), doubt: () => watch.doubt(node) };
      },
    },
  });
}

/**
 * Follows one chain at a time, with the nodes that are of it. What one ingestion knows, in memory, is of one chain alone:
 * another chain, and other nodes, get another one. What it keeps is stored under the chain's name.
 */
export function createChainFollower(options: FollowerOptions): Ingestion {
  const { config, broker, log, metrics, health } = options;
  const throttledLog = createThrottledLog(log);
  const reports = createNodeReports(log, metrics);
  const names = nameEndpoints(config.SOLANA_WS_URL).map(({ name }) => name);
  const nodes = connectForChain(options, reports);
  const chain = createFollowedChain();
  const watch = createChainWatch({
    nodes: names.length,
    ask: createAskChain({ nodes, names, isLogged: () => chain.name === null, throttledLog }),
    before: (signal) =>
      retry("cannot read which chain was followed", () => readBrokerChain(broker), { throttledLog, signal }),
  });
  health.note("chain", () => {
    const others = [...watch.setAside.keys()].map((node) => names[node]);
    return others.length === 0 ? null : `Of another chain, and set aside: ${others.join(", ")}.`;
  });

  let isNew = false;
  const build = (): Ingestion =>
    createIngestionOf(options, {
      watch,
      reports,
      network: (signal) => chain.known(signal),
      isNew: () => isNew,
    });
  const stopping = createAbortScope();
  let current = build();
  let exchanging: Promise<void> = Promise.resolve();
  /** The old one ends before the next one begins: both would publish. */
  const exchange = (name: string): void => {
    const isOther = chain.name !== null && chain.name !== name;
    exchanging = exchanging.then(async () => {
      if (stopping.signal.aborted) return;
      await (isOther ? current.abandon() : current.stop());
      chain.change(name);
      current = build();
      current.start();
    });
  };
  const changed = (next: string, before: string | null): void => {
    const { setAside } = watch;
    logChain(log, { chain: next, before, setAside, names });
    const isOther = before !== null && before !== next;
    if (chain.name === null && setAside.size === 0) {
      isNew = isOther;
      chain.begin(next);
    } else {
      isNew ||= isOther;
      exchange(next);
    }
  };

  let watching: Promise<void> = Promise.resolve();
  const stopWith = async (end: () => Promise<void>): Promise<void> => {
    stopping.abort();
    chain.end();
    await watching;
    await exchanging;
    await end();
  };
  return {
    start() {
      watching = watch.run(stopping.signal, changed);
      current.start();
    },
    stop: () => stopWith(() => current.stop()),
    abandon: () => stopWith(() => current.abandon()),
    counts: () => current.counts(),
    states: () => current.states(),
    status: () => ({
      ...current.status(),
      chain: chain.name,
      set_aside: [...watch.setAside].map(([node, hash]) => ({ endpoint: names[node] ?? "", chain: hash })),
    }),
  };
}
