import type { Broker } from "@commcoin/broker";
import { sleep, systemClock } from "@commcoin/service/lifecycle";
import type { Health, Logger } from "@commcoin/service/telemetry";
import { createAbortScope } from "./abort-scope.ts";
import { createCalmLog } from "./calm-log.ts";
import type { ListenerConfig } from "./config.ts";
import { createTransactionDecoder } from "./decode/decode-transaction.ts";
import { createMarket } from "./market/market.ts";
import { createNameLookup } from "./metadata/name-lookup.ts";
import type { ListenerMetrics } from "./metrics.ts";
import { createInterpreter } from "./pipeline/interpret.ts";
import { createPipeline } from "./pipeline/pipeline.ts";
import { createPublisher } from "./pipeline/publisher.ts";
import { checkIngestion } from "./readiness.ts";
import { connectRpc } from "./rpc/connect-rpc.ts";
import { createSources } from "./sources/create-sources.ts";
import { firstSlot } from "./sources/first-slot.ts";
import { createNodeConnection } from "./sources/node-connection.ts";

export interface IngestionOptions {
  readonly config: ListenerConfig;
  readonly broker: Broker;
  readonly log: Logger;
  readonly metrics: ListenerMetrics;
  readonly health: Health;
  /** How long an account stays watched that no client follows any more, in milliseconds. */
  readonly accountGraceMs: number;
}

/** Everything between the node and the broker. */
export interface Ingestion {
  /** Begins; whatever fails from here on is tried again. */
  start(): void;
  /** Stops the sources, publishes what they brought, and gives up what does not go through in time. */
  stop(): Promise<void>;
  /** Numbers for the registry. */
  counts(): Record<string, number>;
}

/** How long a stop waits for what is on its way. */
const DRAIN_MS = 5_000;
/** Transactions fetched ahead, as a multiple of the requests in flight: one that is late does not idle the others. */
const WINDOW_FACTOR = 8;
const GAUGE_INTERVAL_MS = 1_000;

export function createIngestion({
  config,
  broker,
  log,
  metrics,
  health,
  accountGraceMs,
}: IngestionOptions): Ingestion {
  const rpc = connectRpc({
    urls: config.SOLANA_RPC_URL,
    concurrency: config.TRANSACTION_LISTENER_CONCURRENCY,
    timeoutMs: config.TRANSACTION_LISTENER_REQUEST_TIMEOUT * 1_000,
    report: (method, outcome) => metrics.rpcRequests.inc({ method, outcome }),
  });
  const calmLog = createCalmLog(log);
  const connection = createNodeConnection({
    urls: config.SOLANA_WS_URL,
    log,
    metrics,
    slotStallMs: config.TRANSACTION_LISTENER_SLOT_TIMEOUT * 1_000,
  });
  let started: Promise<number> | null = null;
  const sources = createSources(config, {
    connection,
    rpc,
    log,
    calmLog,
    metrics,
    demand: broker.demand,
    accountGraceMs,
    firstSlot: (signal) => (started ??= firstSlot(rpc, log, signal)),
  });
  const publisher = createPublisher({ broker, log, metrics });
  const pipeline = createPipeline({
    rpc,
    decode: createTransactionDecoder({ commcoinProgramId: config.COMMCOIN_PROGRAM_ID }),
    names: createNameLookup(rpc),
    interpret: createInterpreter({
      market: createMarket(),
      audience: {
        commcoinProgramId: config.COMMCOIN_PROGRAM_ID,
        watchedPrograms: sources.programs,
        watchedAccounts: sources.accounts,
      },
      onCreated: (mint, slot) => sources.coinCreated(mint, slot),
      now: () => Math.floor(systemClock.now() / 1_000),
    }),
    publisher,
    window: config.TRANSACTION_LISTENER_CONCURRENCY * WINDOW_FACTOR,
    onFull: (full) => {
      if (full) connection.hold(pipeline);
      else connection.release(pipeline);
      log.debug({ full, waiting: pipeline.waiting }, "the queue of signatures");
    },
    log,
    calmLog,
    metrics,
  });
  checkIngestion(health, connection, sources.all, publisher);

  const listening = createAbortScope();
  const working = createAbortScope();
  let running: Promise<unknown> = Promise.resolve();
  let draining: Promise<unknown> = Promise.resolve();
  let gauges: NodeJS.Timeout | undefined;

  return {
    start() {
      gauges = setInterval(() => {
        metrics.queueDepth.set({ queue: "signatures" }, pipeline.waiting);
        metrics.queueDepth.set({ queue: "messages" }, publisher.size);
      }, GAUGE_INTERVAL_MS);
      running = Promise.all([
        connection.run(listening.signal),
        ...sources.all.map((source) => source.run(pipeline, listening.signal)),
      ]);
      const handedOn = pipeline.run(working.signal).then(() => publisher.close());
      draining = Promise.all([handedOn, publisher.run(working.signal)]);
    },
    async stop() {
      listening.abort();
      await running;
      pipeline.close();
      const inTime = createAbortScope();
      await Promise.race([draining, sleep(DRAIN_MS, inTime.signal)]);
      inTime.abort();
      if (pipeline.unfinished > 0) {
        const text = "stopped before everything was published; what is missing has to be caught up with";
        log.warn({ transactions: pipeline.unfinished }, text);
      }
      working.abort();
      await draining;
      clearInterval(gauges);
    },
    counts: () => {
      const { slot, reconnects } = connection.status();
      const live = sources.all.reduce((sum, source) => sum + source.status().live, 0);
      return { slot: slot ?? 0, transactions: pipeline.published, subscriptions: live, reconnects };
    },
  };
}
