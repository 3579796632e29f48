import { sleepOrBack, type Broker, type ListenerStatus, type StreamState } from "@commcoin/broker";
import { sleep, whenAborted } from "@commcoin/service/lifecycle";
import type { Health, Logger } from "@commcoin/service/telemetry";
import { createBlockReader } from "./blocks/block-reader.ts";
import { createBlockWalker } from "./blocks/walker.ts";
import { createListenerState, type ListenerState } from "./checkpoint/listener-state.ts";
import { reportUnreadable } from "./checkpoint/report-unreadable.ts";
import type { ListenerConfig } from "./config.ts";
import { decodeOnce } from "./decode/decode-once.ts";
import { createTransactionDecoder } from "./decode/decode-transaction.ts";
import { createLeadership } from "./leadership/leadership.ts";
import type { ListenerMetrics } from "./metrics/listener-metrics.ts";
import { type Checkpoint, lowestWatermark, settledSlot } from "./model/checkpoint.ts";
import { createIntake } from "./pipeline/intake.ts";
import { createSeenSlots } from "./progress/seen-slots.ts";
import { createPublication } from "./publication.ts";
import { connectNodes } from "./rpc/connect-rpc.ts";
import { ConnectionLost } from "./rpc/connection-lost.ts";
import type { NodeReports } from "./rpc/node-reports.ts";
import { publicUrl } from "./rpc/public-url.ts";
import { REQUEST_CLASSES } from "./rpc/request-class.ts";
import type { Admission } from "./rpc/with-admission.ts";
import { createSources } from "./sources/create-sources.ts";
import { createCredit } from "./sources/credit.ts";
import { createNodePool } from "./sources/node-pool.ts";
import { createRace } from "./sources/race.ts";
import { createStartingPoint, type StartingPoint } from "./sources/starting-point.ts";
import { createStreamCounts } from "./sources/stream-counts.ts";
import { createSurplus } from "./sources/surplus.ts";
import { countFromZero } from "./status/count-from-zero.ts";
import { describeListener } from "./status/listener-status.ts";
import { checkIngestion } from "./status/readiness.ts";
import { createAbortScope } from "./support/abort-scope.ts";
import { createCalmLog } from "./support/calm-log.ts";
import { insist } from "./support/insist.ts";

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

export interface FollowedChain {
  /** Hash of its first block, once it is known; null when the signal aborts first. */
  readonly network: (signal: AbortSignal) => Promise<string | null>;
  /** Whether it came in the place of another one: then all of it matters, as far as it is young. */
  readonly isNew: () => boolean;
  /** By the place of a node in `config`. */
  readonly admissionOf: (node: number) => Admission;
}

/** Everything between the node and the broker. */
export interface Ingestion {
  /** Begins; whatever fails from here on is tried again. */
  start(): void;
  /** Stops the sources, publishes what they brought, and gives up what does not go through in time. */
  stop(): Promise<void>;
  /** Stops at once, and publishes nothing more. */
  abandon(): Promise<void>;
  /** Numbers for the registry. */
  counts(): Record<string, number>;
  status(): ListenerStatus;
  /** What of the status others hear of at once when it changes: cheaper to ask for than the rest. */
  states(): Pick<ListenerStatus, "role"> & { readonly streams: readonly (readonly StreamState[])[] };
}

/** One publisher for each broker: fencing numbers of two would meet in the same topics. */
const LEASE = "listener";
/** Longer than any repetition by a source or a catch-up; the broker recognises older ones by their event ids. */
const SEEN_SIGNATURES = 100_000;
/** So old is a chain at most, in slots, of which everything is told when it comes in the place of another one. */
const YOUNG_SLOTS = 1_500;
const GAUGE_INTERVAL_MS = 1_000;
/** How often a listener that stands by looks where publishing goes on. */
const FOLLOW_INTERVAL_MS = 1_000;
/** Some attempts to read which accounts clients follow; longer than that, those who follow something else do not wait. */
const DEMAND_MS = 5_000;

export function createIngestion({
  config,
  broker,
  chain,
  holder,
  log,
  metrics,
  reports,
  health,
  accountGraceMs,
  largeGap,
  silentMs,
}: IngestionOptions): Ingestion {
  let requestsDelayed = 0;
  const decode = decodeOnce(createTransactionDecoder({ commcoinProgramId: config.COMMCOIN_PROGRAM_ID }));
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
  const rpc = nodes.any.catch_up;
  const calmLog = createCalmLog(log);
  const pool = createNodePool({
    urls: config.SOLANA_WS_URL,
    log,
    metrics,
    onDoubt: (node) => chain.admissionOf(node).doubt(),
    isSurplus: (endpoint, frame) => surplus.has(endpoint, frame),
    reports,
    slotStallMs: config.TRANSACTION_LISTENER_SLOT_TIMEOUT * 1_000,
  });
  const seen = createSeenSlots(SEEN_SIGNATURES);
  const counts = createStreamCounts(metrics);
  const race = createRace({
    slotOf: (endpoint) => pool.find(endpoint)?.status().slot ?? null,
    onMissed: (source, endpoint) => counts.add("missed", source, endpoint),
    onLate: (endpoint, ms) => metrics.streamLag.observe({ endpoint }, ms / 1_000),
    onSilent: (endpoint, address) =>
      pool.find(endpoint)?.lose(new ConnectionLost("silent", `The subscription of ${address} is silent.`)),
    silentMs,
  });
  const credit = createCredit({
    onChange(endpoint, isDoubted) {
      reports.doubt(endpoint, isDoubted);
      if (isDoubted) publication.doubt(endpoint);
    },
  });
  const isAudited = config.TRANSACTION_LISTENER_AUDIT_INTERVAL > 0;
  const surplus = createSurplus({ credit, race, isAudited, metrics });
  const listening = createAbortScope();
  const leading = createAbortScope();

  let state: ListenerState | null = null;
  /** Finds out where publishing on this chain went to. */
  const findStart = async (signal: AbortSignal): Promise<StartingPoint | null> => {
    const noNode = "cannot reach the node over HTTP";
    const insisting = { calmLog, signal };
    const network = await chain.network(signal);
    if (network === null) return null;
    const kept = createListenerState(
      broker.states,
      network,
      config.COMMCOIN_PROGRAM_ID,
      reportUnreadable(log, metrics),
    );
    const read = await insist(
      "cannot read the checkpoint",
      async () => ({ checkpoint: await kept.readCheckpoint() }),
      insisting,
    );
    const slot = await insist(
      noNode,
      () => rpc.getSlot({ commitment: "confirmed" }).send({ abortSignal: signal }),
      insisting,
    );
    if (read === null || slot === null) return null;
    const { checkpoint } = read;
    if (checkpoint !== null)
      log.info({ from_slot: settledSlot(checkpoint), slot }, "going on from a checkpoint");
    state = kept;
    const isWhole = chain.isNew() && slot <= YOUNG_SLOTS;
    return createStartingPoint(checkpoint, isWhole ? 0 : slot);
  };
  let found: Promise<StartingPoint | null> | null = null;
  const startingPoint = (): Promise<StartingPoint | null> => (found ??= findStart(listening.signal));

  const sources = createSources(config, {
    pool,
    race,
    rpc,
    log,
    calmLog,
    metrics,
    reports,
    demand: broker.demand,
    accountGraceMs,
    largeGap,
    onGap: (gap) => publication.takeGap(gap),
    startingPoint,
  });
  countFromZero(metrics, {
    sources: sources.all.map(({ name }) => name),
    endpoints: pool.nodes().map(({ endpoint }) => endpoint),
  });
  const reader = createBlockReader({ commcoinProgramId: config.COMMCOIN_PROGRAM_ID });
  const publication = createPublication({
    config,
    broker,
    nodes,
    decode,
    largeGap,
    walker: createBlockWalker({ reader, nodes, pool, log, calmLog, metrics }),
    pool,
    sources,
    seen,
    counts,
    race,
    credit,
    log,
    calmLog,
    metrics,
  });
  const intake = createIntake({
    seen,
    take: (notification) => publication.take(notification),
    room: (signal) => publication.room(signal),
    admits: (notification) =>
      notification.origin !== "live" ||
      publication.admits(notification) ||
      seen.has(notification.signature, notification.slot),
    again({ signature, endpoint }) {
      if (endpoint !== null && !credit.isDoubted(endpoint)) publication.vouch(signature, endpoint);
    },
    counts,
    race,
    metrics,
  });
  const untilDemandRead = async (signal: AbortSignal): Promise<void> => {
    const inTime = createAbortScope();
    const leave = whenAborted(signal, () => inTime.abort());
    await Promise.race([sources.demandRead, sleep(DEMAND_MS, inTime.signal)]);
    leave();
    inTime.abort();
  };
  const leadership = createLeadership({
    leases: broker.leases,
    name: LEASE,
    holder,
    ttlMs: config.TRANSACTION_LISTENER_LEASE_SECONDS * 1_000,
    async lead(term) {
      // What is published before an account is known to be followed does not reach its topic.
      await untilDemandRead(term.ended);
      if (state !== null) await publication.lead(term, state);
    },
    calmLog,
    wait: (ms, signal) => sleepOrBack(broker, ms, signal),
  });
  checkIngestion({ health, pool, sources: sources.all, publication, leadership, reports, config });

  /** Keeps up with the one that publishes, to take over from it without delay. */
  const standBy = async (signal: AbortSignal): Promise<void> => {
    let followed: Checkpoint | null = null;
    while (!signal.aborted) {
      if (leadership.role === "standby") {
        const checkpoint = await state?.readCheckpoint().catch(() => null);
        if (checkpoint && checkpoint !== followed && leadership.role === "standby") {
          follow(checkpoint);
          followed = checkpoint;
        }
      } else {
        followed = null;
        followedWatermark = null;
      }
      await sleep(FOLLOW_INTERVAL_MS, signal);
    }
  };
  let followedWatermark: number | null = null;
  const follow = (checkpoint: Checkpoint): void => {
    publication.followed(checkpoint);
    for (const { address, watermark, coin } of checkpoint.lanes) {
      if (coin) sources.followCoin(address, watermark + 1);
    }
    seen.prune(settledSlot(checkpoint));
    followedWatermark = lowestWatermark(checkpoint);
    if (followedWatermark !== null) metrics.slot.set({ of: "watermark" }, followedWatermark);
  };

  const end = async (): Promise<void> => {
    leading.abort();
    await publishing;
    await reader.close();
    clearInterval(gauges);
  };
  let running: Promise<unknown> = Promise.resolve();
  let publishing: Promise<unknown> = Promise.resolve();
  let gauges: NodeJS.Timeout | undefined;

  const role = (): ListenerStatus["role"] => (leadership.role === "leader" ? "leader" : "standby");
  const watermark = (): number | null => publication.active?.watermarks.lowest ?? null;
  return {
    start() {
      gauges = setInterval(() => {
        metrics.queueDepth.set({ queue: "signatures" }, publication.active?.pipeline.waiting ?? 0);
        metrics.queueDepth.set({ queue: "messages" }, publication.active?.publisher.size ?? 0);
        metrics.queueDepth.set({ queue: "finality" }, publication.active?.finality.size ?? 0);
        race.sweep();
        for (const kind of REQUEST_CLASSES) {
          const { count, oldestMs } = nodes.waiting(kind);
          metrics.rpcWaiting.set({ class: kind }, count);
          metrics.rpcOldestWait.set({ class: kind }, oldestMs / 1_000);
        }
        const { slot } = pool;
        // Who stands by tells how far the one that publishes has come.
        const lowest = publication.active === null ? followedWatermark : watermark();
        if (slot !== null && lowest !== null) metrics.watermarkLag.set(Math.max(0, slot - lowest));
      }, GAUGE_INTERVAL_MS);
      running = Promise.all([
        pool.run(listening.signal),
        ...sources.all.map((source) => source.run(intake, listening.signal)),
      ]);
      publishing = startingPoint().then((point) =>
        point === null ? undefined : Promise.all([leadership.run(leading.signal), standBy(leading.signal)]),
      );
    },
    async stop() {
      listening.abort();
      await running;
      await publication.finish();
      await end();
    },
    async abandon() {
      listening.abort();
      await Promise.all([end(), running]);
    },
    counts: () => {
      const { slot } = pool;
      const reconnects = pool.nodes().reduce((sum, node) => sum + node.reconnects, 0);
      const live = sources.all.reduce((sum, source) => sum + source.status().live, 0);
      return {
        slot: slot ?? 0,
        watermark: watermark() ?? 0,
        leader: Number(leadership.role === "leader"),
        transactions: publication.active?.pipeline.published ?? 0,
        subscriptions: live,
        reconnects,
      };
    },
    states: () => ({
      role: role(),
      streams: sources.all.map((source) => source.status().streams.map(({ state: each }) => each)),
    }),
    status: () =>
      describeListener({
        role: role(),
        nodes: pool.nodes(),
        sources: sources.all,
        active: publication.active,
        counts,
        isDoubted: (endpoint) => credit.isDoubted(endpoint),
        requestsDelayed,
        limits: nodes.limits(),
        requestCounts: (endpoint) => reports.counts(endpoint),
        refusals: reports.list(),
      }),
  };
}
