import type { ListenerStatus } from "@commcoin/broker";
import { whenAborted } from "@commcoin/service/lifecycle";
import { createChainWatch } from "./chain/chain-watch.ts";
import { UNIDENTIFIED } from "./chain/choose-chain.ts";
import { tellsNoHash } from "./chain/tells-no-hash.ts";
import { readBrokerChain } from "./checkpoint/broker-chain.ts";
import { createTransactionDecoder } from "./decode/decode-transaction.ts";
import { createIngestion, type Ingestion, type IngestionOptions } from "./ingestion.ts";
import { connectNodes } from "./rpc/connect-rpc.ts";
import { nameEndpoints } from "./rpc/endpoints.ts";
import { createNodeReports } from "./rpc/node-reports.ts";
import { createAbortScope } from "./support/abort-scope.ts";
import { createCalmLog } from "./support/calm-log.ts";
import { errorText } from "./support/error-text.ts";
import { insist } from "./support/insist.ts";

/** So long a node may take to tell of which chain it is: what is asked of it waits. */
const ASK_MS = 2_000;

/**
 * Follows one chain at a time, with the nodes that are of it. What one ingestion knows, in memory, is of one chain alone:
 * another chain, and other nodes, get another one. What it keeps is stored under the chain's name.
 */
export function createChainFollower(options: Omit<IngestionOptions, "chain" | "reports">): Ingestion {
  const { config, broker, log, metrics, health } = options;
  const calmLog = createCalmLog(log);
  const reports = createNodeReports(log, metrics);
  const endpoints = nameEndpoints(config.SOLANA_WS_URL);
  const names = endpoints.map(({ name }) => name);
  const nodes = connectNodes({
    urls: config.SOLANA_RPC_URL,
    concurrency: config.SOLANA_RPC_URL.length,
    perSecond: 0,
    onDelay: () => {},
    timeoutMs: ASK_MS,
    onBatchesRefused: () => {},
    decode: createTransactionDecoder({ commcoinProgramId: config.COMMCOIN_PROGRAM_ID }),
    reports,
  });
  const stopping = createAbortScope();

  let chain: string | null = null;
  let isNew = false;
  let known = (_network: string | null): void => {};
  const network = new Promise<string | null>((resolve) => {
    known = resolve;
  });
  const watch = createChainWatch({
    nodes: names.length,
    async ask(node, signal) {
      try {
        const hash = await nodes.each[node]?.getGenesisHash().send({ abortSignal: signal });
        return typeof hash === "string" ? { hash } : "untold";
      } catch (error) {
        if (tellsNoHash(error)) return "untold";
        const fields = { endpoint: names[node], error: errorText(error) };
        if (!signal.aborted && chain === null) calmLog.warn(fields, "cannot reach the node over HTTP");
        throw error;
      }
    },
    before: (signal) =>
      insist("cannot read which chain was followed", () => readBrokerChain(broker), { calmLog, signal }),
    onChange(next, before) {
      tell(next, before);
      if (chain === null && watch.setAside.size === 0) {
        chain = next;
        isNew = before !== null && before !== next;
        known(next);
      } else {
        isNew ||= before !== null && before !== next;
        exchange(next);
      }
    },
  });

  const tell = (next: string, before: string | null): void => {
    if (before !== null && before !== next) {
      log.warn(
        { from: before, to: next },
        "the nodes are of another chain than before: what is known of that one is set aside, and the new one is followed",
      );
    }
    if (next === UNIDENTIFIED) {
      log.warn(
        {},
        "no node tells the hash of its first block: another chain in its place would not be noticed",
      );
    }
    for (const [node, hash] of watch.setAside) {
      log.error(
        { endpoint: names[node], chain: hash, followed: next },
        "the node is of another chain than the one that is followed: it is set aside, check its address",
      );
    }
  };

  /** An ingestion with the nodes that are not set aside. */
  const build = (): Ingestion => {
    const kept = names.flatMap((_, node) => (watch.setAside.has(node) ? [] : [node]));
    const of = (urls: readonly string[]): string[] => kept.flatMap((node) => urls[node] ?? []);
    return createIngestion({
      ...options,
      reports,
      config: {
        ...config,
        SOLANA_RPC_URL: of(config.SOLANA_RPC_URL),
        SOLANA_WS_URL: of(config.SOLANA_WS_URL),
      },
      chain: {
        network: (signal) =>
          new Promise((resolve) => {
            if (chain !== null) return resolve(chain);
            const leave = whenAborted(signal, () => resolve(null));
            void network.then(resolve).finally(leave);
          }),
        isNew: () => isNew,
        admissionOf: (place) => {
          const node = kept[place] ?? place;
          return { admit: () => watch.admit(node), doubt: () => watch.doubt(node) };
        },
      },
    });
  };

  let current: Ingestion;
  let exchanging: Promise<void> = Promise.resolve();
  /** The old one ends before the next one begins: both would publish. */
  const exchange = (next: string): void => {
    const isOther = chain !== null && chain !== next;
    exchanging = exchanging.then(async () => {
      if (stopping.signal.aborted) return;
      await (isOther ? current.abandon() : current.stop());
      chain = next;
      current = build();
      current.start();
    });
  };

  health.note("chain", () => {
    const others = [...watch.setAside.keys()].map((node) => names[node]);
    return others.length === 0 ? null : `Of another chain, and set aside: ${others.join(", ")}.`;
  });
  current = build();
  let watching: Promise<void> = Promise.resolve();
  const stopWith = async (end: () => Promise<void>): Promise<void> => {
    stopping.abort();
    known(null);
    await watching;
    await exchanging;
    await end();
  };
  return {
    start() {
      watching = watch.run(stopping.signal);
      current.start();
    },
    stop: () => stopWith(() => current.stop()),
    abandon: () => stopWith(() => current.abandon()),
    counts: () => current.counts(),
    states: () => current.states(),
    status: (): ListenerStatus => ({
      ...current.status(),
      chain,
      set_aside: [...watch.setAside].map(([node, hash]) => ({ endpoint: names[node] ?? "", chain: hash })),
    }),
  };
}
