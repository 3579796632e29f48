import { sleepOrBack, type Broker } from "@commcoin/broker";
import { sleep, whenAborted } from "@commcoin/service/lifecycle";
import type { Health, Logger } from "@commcoin/service/telemetry";
import { createBlockReader } from "./blocks/block-reader.ts";
import { createBlockWalker } from "./blocks/walker.ts";
import { findStart, type ChainStart, type Start } from "./checkpoint/find-start.ts";
import { createStandBy } from "./checkpoint/stand-by.ts";
import type { ListenerConfig } from "./config.ts";
import { createCurrentTerm, type CurrentTerm } from "./current-term.ts";
import { decodeOnce } from "./decode/decode-once.ts";
import { createTransactionDecoder, type DecodeTransaction } from "./decode/decode-transaction.ts";
import { createLeadership } from "./leadership/leadership.ts";
import type { ListenerMetrics } from "./metrics/listener-metrics.ts";
import { type Checkpoint, lowestWatermark, settledSlot } from "./model/checkpoint.ts";
import type { Intake } from "./model/notification.ts";
import { createIntake } from "./pipeline/intake.ts";
import { createSeenSlots, type SeenSlots } from "./progress/seen-slots.ts";
import { connectNodes, type Nodes } from "./rpc/connect-rpc.ts";
import type { NodeReports } from "./rpc/node-reports.ts";
import { publicUrl } from "./rpc/public-url.ts";
import type { Admission } from "./rpc/with-admission.ts";
import { createSources, type Sources } from "./sources/create-sources.ts";
import { createStreams, type Streams } from "./sources/streams.ts";
import { countFromZero } from "./status/count-from-zero.ts";
import { setGauges } from "./status/gauges.ts";
import { createIngestionStatus, type IngestionStatus } from "./status/ingestion-status.ts";
import { checkIngestion } from "./status/readiness.ts";
import { createAbortScope } from "./support/abort-scope.ts";
import { createThrottledLog } from "./support/throttled-log.ts";
import { createTerms, type Terms } from "./terms.ts";

export interface IngestionOptions {
  readonly config: ListenerConfig;
  readonly broker: Broker;
  /** The chain that is followed. All nodes of `config` are of it, or have not been heard yet. */
  readonly chain: FollowedChain;
  /** Names this process among all listeners. */
  readonly holder: string;
  readonly log: Logger;
  readonly metrics: ListenerMetrics;
  readonly reports: NodeReports;
  readonly health: Health;
  /** How long an account stays watched that no client follows any more, in milliseconds. */
  readonly accountGraceMs: number;
  /** More transactions of an address than these are not listed, but read from whole blocks. */
  readonly largeGap: number;
  /** How long a subscription may miss everything before its connection is given up, in milliseconds. */
  readonly silentMs: number;
}

export interface FollowedChain extends ChainStart {
  /** By the place of a node in `config`. */
  readonly admissionOf: (node: number) => Admission;
}

/** Everything between the node and the broker. */
export interface Ingestion extends IngestionStatus {
  /** Begins; whatever fails from here on is tried again. */
  start(): void;
  /** Stops the sources, publishes what they brought, and gives up what does not go through in time. */
  stop(): Promise<void>;
  /** Stops at once, and publishes nothing more. */
  abandon(): Promise<void>;
}

/** One publisher for each broker: fencing numbers of two would meet in the same topics. */
const LEASE = "listener";
/** Longer than any repetition by a source or a catch-up; the broker recognises older ones by their event ids. */
const SEEN_SIGNATURES = 100_000;
const GAUGE_INTERVAL_MS = 1_000;
/** Some attempts to read which accounts clients follow; longer than that, those who follow something else do not wait. */
const DEMAND_MS = 5_000;

/** RPC to the nodes of a chain, and how many requests had to wait for the limit per second. */
function connectChain(
  { config, chain, log, metrics, reports }: IngestionOptions,
  decode: DecodeTransaction,
): { readonly nodes: Nodes; readonly requestsDelayed: () => number } {
  let requestsDelayed = 0;
  const nodes = connectNodes({
    urls: config.SOLANA_RPC_URL,
    concurrency: config.TRANSACTION_LISTENER_CONCURRENCY,
    perSecond: config.TRANSACTION_LISTENER_REQUESTS_PER_SECOND,
    onDelay: (kind) => {
      requestsDelayed += 1;
      metrics.rpcDelayed.inc({ class: kind });
    },
    timeoutMs: config.TRANSACTION_LISTENER_REQUEST_TIMEOUT * 1_000,
    admissionOf: chain.admissionOf,
    onBatchesRefused: (url, reason) =>
      log.info(
        { endpoint: publicUrl(url), reason },
        "the node takes no batches: it is asked singly from now on",
      ),
    decode,
    reports,
  });
  return { nodes, requestsDelayed: () => requestsDelayed };
}

/** The one way in: whatever anybody finds goes to the term that publishes, each signature once. */
const createTermIntake = (
  current: CurrentTerm,
  seen: SeenSlots,
  { credit, counts, comparison }: Streams,
  metrics: ListenerMetrics,
): Intake =>
  createIntake({
    seen,
    take: (notification, content) => current.take(notification, content),
    untilCapacity: (signal) => current.untilCapacity(signal),
    admits: (notification) =>
      notification.origin !== "live" ||
      current.admits(notification) ||
      seen.has(notification.signature, notification.slot),
    again({ signature, endpoint }) {
      if (endpoint === null || !credit.isDoubted(endpoint)) current.vouch(signature, endpoint);
    },
    counts,
    comparison,
    metrics,
  });

/** Resolves when the demand was read, or it takes too long, or the signal aborts. */
async function untilDemandRead(demandRead: Promise<void>, signal: AbortSignal): Promise<void> {
  const inTime = createAbortScope();
  const leave = whenAborted(signal, () => inTime.abort());
  await Promise.race([demandRead, sleep(DEMAND_MS, inTime.signal)]);
  leave();
  inTime.abort();
}

/** Another listener has come this far: what it follows is followed here as well. */
function keepUp(
  checkpoint: Checkpoint,
  {
    terms,
    sources,
    seen,
    metrics,
  }: {
    readonly terms: Pick<Terms, "followed">;
    readonly sources: Pick<Sources, "followCoin">;
    readonly seen: Pick<SeenSlots, "prune">;
    readonly metrics: Pick<ListenerMetrics, "slot">;
  },
): void {
  terms.followed(checkpoint);
  for (const { address, watermark, coin } of checkpoint.lanes) {
    if (coin) sources.followCoin(address, watermark + 1);
  }
  seen.prune(settledSlot(checkpoint));
  const watermark = lowestWatermark(checkpoint);
  if (watermark !== null) metrics.slot.set({ of: "watermark" }, watermark);
}

interface RunOptions {
  /** Brings what the nodes say, until the signal aborts. */
  readonly listen: (signal: AbortSignal) => Promise<unknown>;
  /** Publishes where this listener is the one that does, until the signal aborts. */
  readonly publish: (signal: AbortSignal) => Promise<unknown>;
  /** Publishes what is on its way. */
  readonly finish: () => Promise<void>;
  readonly close: () => Promise<void>;
  readonly listening: AbortController;
}

/** What an ingestion does, from its start to its stop. */
function createRun({
  listen,
  publish,
  finish,
  close,
  listening,
}: RunOptions): Pick<Ingestion, "start" | "stop" | "abandon"> {
  const leading = createAbortScope();
  let running: Promise<unknown> = Promise.resolve();
  let publishing: Promise<unknown> = Promise.resolve();
  const end = async (): Promise<void> => {
    leading.abort();
    await publishing;
    await close();
  };
  return {
    start() {
      running = listen(listening.signal);
      publishing = publish(leading.signal);
    },
    async stop() {
      listening.abort();
      await running;
      await finish();
      await end();
    },
    async abandon() {
      listening.abort();
      await Promise.all([end(), running]);
    },
  };
}

export function createIngestion(options: IngestionOptions): Ingestion {
  const { config, broker, chain, holder, log, metrics, reports, health, accountGraceMs, largeGap } = options;
  const throttledLog = createThrottledLog(log);
  const common = { log, throttledLog, metrics };
  const commcoinProgramId = config.COMMCOIN_PROGRAM_ID;
  const decode = decodeOnce(createTransactionDecoder({ commcoinProgramId }));
  const { nodes, requestsDelayed } = connectChain(options, decode);
  const rpc = nodes.any.catch_up;
  const current = createCurrentTerm();
  const streams = createStreams({
    urls: config.SOLANA_WS_URL,
    slotStallMs: config.TRANSACTION_LISTENER_SLOT_TIMEOUT * 1_000,
    silentMs: options.silentMs,
    isAudited: config.TRANSACTION_LISTENER_AUDIT_INTERVAL > 0,
    onDoubt: (node) => chain.admissionOf(node).doubt(),
    onDoubted: (endpoint) => current.doubt(endpoint),
    reports,
    log,
    metrics,
  });
  const { pool, comparison, credit } = streams;
  const listening = createAbortScope();
  const where = { ...common, broker, rpc, chain, commcoinProgramId };
  let start: Start | null = null;
  let found: Promise<Start | null> | null = null;
  const startingPoint = async (): Promise<Start["point"] | null> => {
    found ??= findStart(where, listening.signal);
    start = await found;
    return start?.point ?? null;
  };
  const sources = createSources(config, {
    pool,
    comparison,
    rpc,
    ...common,
    reports,
    demand: broker.demand,
    accountGraceMs,
    largeGap,
    onGap: (gap) => current.takeGap(gap),
    startingPoint,
  });
  countFromZero(metrics, {
    sources: sources.all.map(({ name }) => name),
    endpoints: pool.nodes().map(({ endpoint }) => endpoint),
  });
  const seen = createSeenSlots(SEEN_SIGNATURES);
  const intake = createTermIntake(current, seen, streams, metrics);
  const reader = createBlockReader({ commcoinProgramId });
  const walker = createBlockWalker({ ...common, reader, nodes, pool });
  const shared = { ...common, config, broker, nodes, decode, walker, largeGap, pool, sources, seen, intake };
  const terms = createTerms({ ...shared, comparison, credit }, current);
  const leadership = createLeadership({
    leases: broker.leases,
    name: LEASE,
    holder,
    ttlMs: config.TRANSACTION_LISTENER_LEASE_SECONDS * 1_000,
    async lead(term) {
      // What is published before an account is known to be followed does not reach its topic.
      await untilDemandRead(sources.demandRead, term.ended);
      if (start !== null) await terms.lead(term, start.state);
    },
    throttledLog,
    wait: (ms, signal) => sleepOrBack(broker, ms, signal),
  });
  const standBy = createStandBy({
    state: () => start?.state ?? null,
    isStandingBy: () => leadership.role === "standby",
    onProgress: (checkpoint) => keepUp(checkpoint, { terms, sources, seen, metrics }),
  });
  const publishing = (): CurrentTerm["running"] => current.running;
  const said = { leadership, sources: sources.all, publishing, reports };
  checkIngestion({ ...said, health, pool, config });
  let gauges: NodeJS.Timeout | undefined;
  const run = createRun({
    listen(signal) {
      gauges = setInterval(() => {
        const followedWatermark = standBy.watermark;
        setGauges({ publishing: current.running, nodes, pool, followedWatermark, metrics });
        comparison.sweep();
      }, GAUGE_INTERVAL_MS);
      return Promise.all([streams.run(signal), ...sources.all.map((source) => source.run(intake, signal))]);
    },
    publish: async (signal) => {
      if ((await startingPoint()) !== null) await Promise.all([leadership.run(signal), standBy.run(signal)]);
    },
    finish: () => terms.finish(),
    async close() {
      await reader.close();
      clearInterval(gauges);
    },
    listening,
  });
  return { ...run, ...createIngestionStatus({ ...said, streams, nodes, requestsDelayed }) };
}
