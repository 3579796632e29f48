import type { Broker } from "@commcoin/broker";
import { systemClock } from "@commcoin/service/lifecycle";
import type { Logger } from "@commcoin/service/telemetry";
import { createAudit, type Audit } from "./audit/audit.ts";
import { createReadingPauses } from "./audit/reading-pauses.ts";
import { createBlockReading, type BlockReading } from "./blocks/block-reading.ts";
import type { BlockWalker } from "./blocks/walker.ts";
import { createCheckpointKeeper, type CheckpointKeeper } from "./checkpoint/checkpoint-keeper.ts";
import type { Handover, TermStart } from "./checkpoint/handover.ts";
import type { ListenerState } from "./checkpoint/listener-state.ts";
import { saveProgress } from "./checkpoint/save-progress.ts";
import type { ListenerConfig } from "./config.ts";
import type { DecodeTransaction } from "./decode/decode-transaction.ts";
import { createConclusion, type Conclusion } from "./finality/conclusion.ts";
import { createFinality, type Finality } from "./finality/finality.ts";
import type { Term } from "./leadership/leadership.ts";
import { createNameLookup } from "./metadata/name-lookup.ts";
import type { ListenerMetrics } from "./metrics/listener-metrics.ts";
import { settledSlot } from "./model/checkpoint.ts";
import type { Gap } from "./model/gap.ts";
import type { Intake, MissedTransaction } from "./model/notification.ts";
import { createInterpreter } from "./pipeline/interpret.ts";
import { createPipeline, type Pipeline } from "./pipeline/pipeline.ts";
import { createPublisher, type Publisher } from "./pipeline/publisher.ts";
import type { SeenSlots } from "./progress/seen-slots.ts";
import { createWatermarks, type Watermarks } from "./progress/watermarks.ts";
import type { Nodes } from "./rpc/connect-rpc.ts";
import type { Sources } from "./sources/create-sources.ts";
import type { Credit } from "./sources/credit.ts";
import type { NodePool } from "./sources/node-pool.ts";
import type { StreamComparison } from "./sources/stream-comparison.ts";
import type { ThrottledLog } from "./support/throttled-log.ts";

/** What all terms have in common. */
export interface TermContext {
  readonly config: ListenerConfig;
  readonly broker: Pick<Broker, "publish" | "history" | "positions" | "states" | "watch">;
  readonly nodes: Nodes;
  readonly decode: DecodeTransaction;
  readonly walker: BlockWalker;
  /** More transactions than these are not listed, but read from whole blocks. */
  readonly largeGap: number;
  readonly pool: Pick<NodePool, "hold" | "release" | "slot">;
  readonly sources: Sources;
  readonly seen: SeenSlots;
  /** Where everything that is found comes in; it goes on to the term that publishes. */
  readonly intake: Intake;
  readonly comparison: Pick<StreamComparison, "found" | "hasOthers" | "forget">;
  readonly credit: Credit;
  readonly log: Logger;
  readonly throttledLog: ThrottledLog;
  readonly metrics: ListenerMetrics;
}

export interface TermOptions {
  readonly term: Term;
  readonly state: ListenerState;
  /** What publishing begins with. */
  readonly start: TermStart;
  /** Gaps that were found before. */
  readonly unfilled: readonly Gap[];
  /** Called when a checkpoint was saved, with its markets. */
  readonly onSaved: Handover["saved"];
}

/** From a signature to published messages, and to how they ended. */
interface PublishingParts {
  readonly pipeline: Pipeline;
  readonly publisher: Publisher;
  readonly finality: Finality;
  readonly conclusion: Conclusion;
}

/** What publishes for one term, put together and not yet going. */
export interface TermParts extends PublishingParts {
  readonly watermarks: Watermarks;
  readonly reading: BlockReading;
  readonly audit: Audit;
  readonly keeper: CheckpointKeeper;
  /** Whether an address is followed by whole blocks. */
  readonly isByBlocks: (address: string) => boolean;
  /** Saves how far publication has come. */
  readonly saveCheckpoint: () => Promise<void>;
}

/** Transactions fetched ahead, as a multiple of the requests in flight: one that is late does not idle the others. */
const WINDOW_FACTOR = 8;

const earliest = (one: number | null, other: number | null): number | null =>
  one === null ? other : Math.min(one, other ?? one);
const now = (): number => Math.floor(systemClock.now() / 1_000);

/** Goes on with the watermarks, and the coins, of the last checkpoint. */
function resumeWatermarks({ checkpoint }: TermStart, sources: Sources): Watermarks {
  const watermarks = createWatermarks();
  const lanes = checkpoint?.lanes ?? [];
  for (const { address, watermark } of lanes) watermarks.begin(address, watermark);
  for (const { address, watermark, coin } of lanes) if (coin) sources.followCoin(address, watermark + 1);
  for (const { address, fromSlot } of sources.blockLanes()) watermarks.begin(address, fromSlot - 1);
  return watermarks;
}

function createPublishingParts(
  {
    config,
    broker,
    nodes,
    decode,
    pool,
    sources,
    seen,
    comparison,
    credit,
    log,
    throttledLog,
    metrics,
  }: TermContext,
  { term, state, start }: TermOptions,
  { isAudited, onPause }: { readonly isAudited: (address: string) => boolean; readonly onPause: () => void },
): PublishingParts {
  const rpc = nodes.any;
  const audience = {
    commcoinProgramId: config.COMMCOIN_PROGRAM_ID,
    watchedPrograms: sources.programs,
    watchedAccounts: sources.accounts,
  };
  const { market } = start;
  const publisher = createPublisher({ broker, term, log, metrics });
  const conclusion = createConclusion({
    market,
    audience,
    dropped: start.dropped,
    seen,
    now: () => systemClock.now(),
  });
  const finality = createFinality({
    rpc: rpc.finality,
    nodes: nodes.each,
    intervalMs: config.TRANSACTION_LISTENER_FINALITY_INTERVAL * 1_000,
    onDrop: ({ signature }) =>
      state.saveDropped(conclusion.dropped.with(signature, systemClock.now()), term.fence),
    conclude: conclusion.conclude,
    publisher,
    log,
    throttledLog,
    metrics,
  });
  const finalize = config.TRANSACTION_LISTENER_FINALITY_INTERVAL > 0;
  const pipeline = createPipeline({
    rpc,
    decode,
    names: createNameLookup(rpc.live),
    interpret: createInterpreter({
      market,
      audience,
      landingOf: conclusion.landingOf,
      onCreated: (mint, slot) => sources.followCoin(mint, slot),
      now,
    }),
    publisher,
    publishedSlot: start.publishedSlot,
    isAudited,
    onPublished: (transaction, origin) => {
      if (finalize) finality.confirmed(transaction, origin);
    },
    seen,
    credit,
    hasOthers: (address, endpoint) => comparison.hasOthers(address, endpoint),
    mentionsFollowed(accounts) {
      const among = new Set(accounts);
      return sources.lanes().some(({ address }) => among.has(address));
    },
    onDisowned: (signature) => comparison.forget(signature),
    window: config.TRANSACTION_LISTENER_CONCURRENCY * WINDOW_FACTOR,
    onFull: (full) => {
      onPause();
      if (full) pool.hold(pipeline);
      else pool.release(pipeline);
      log.debug({ full, waiting: pipeline.waiting }, "the queue of signatures");
    },
    log,
    throttledLog,
    metrics,
  });
  return { pipeline, publisher, finality, conclusion };
}

/** Puts together what publishes for one term: each part is made of those before it. */
export function createTermParts(context: TermContext, options: TermOptions): TermParts {
  const { config, nodes, walker, largeGap, pool, sources, seen, intake, comparison } = context;
  const { log, throttledLog, metrics } = context;
  const { term, state, start, unfilled, onSaved } = options;
  const { market } = start;
  const auditIntervalMs = config.TRANSACTION_LISTENER_AUDIT_INTERVAL * 1_000;
  const watermarks = resumeWatermarks(start, sources);
  const blockLanes = sources.blockLanes();
  const byBlocks = new Set(blockLanes.map(({ address }) => address));
  const isByBlocks = (address: string): boolean => byBlocks.has(address);
  const lanes = (): ReturnType<Sources["lanes"]> => sources.lanes();

  const pauses = createReadingPauses();
  const publishing = createPublishingParts(context, options, {
    isAudited: (address) => auditIntervalMs > 0 || isByBlocks(address),
    onPause: () => pauses.paused(),
  });
  const { pipeline, finality, conclusion } = publishing;
  /** What was announced and no node gave yet was reported, though it is brought again. */
  const missed: MissedTransaction = ({ signature, ...found }) => {
    if (!pipeline.isLost(signature)) comparison.found(found);
  };
  const onAudited = (address: string, upTo: number): void => pipeline.audited(address, upTo);
  const reading = createBlockReading({
    blockLanes,
    walker,
    watermarks,
    intake,
    pipeline,
    head: () => pool.slot,
    lanes,
    seen,
    onAudited,
    missed,
    log,
    throttledLog,
    metrics,
  });
  const { firehose, gaps } = reading;
  for (const gap of unfilled) {
    gaps.add({ ...gap, from: Math.max(gap.from, watermarks.of(gap.address) + 1) });
  }
  const audit = createAudit({
    rpc: nodes.any.audit,
    intervalMs: auditIntervalMs,
    lanes,
    isProvenElsewhere: (address) => isByBlocks(address) || gaps.isBusy(address),
    watermarks,
    seen,
    offer: (notification) => intake.offer(notification),
    untilCapacity: (signal) => pipeline.untilCapacity(signal),
    known: (signature) => pipeline.vouch(signature, null),
    missed,
    pauses,
    onFollowed: (addresses) => pipeline.followed(addresses),
    onAudited,
    throttledLog,
    largeGap,
    onGap: (gap) => gaps.add(gap),
  });
  const { unsaved } = start;
  const keeper = createCheckpointKeeper({ state, market, unsaved, term, throttledLog, metrics });
  const saveCheckpoint = (): Promise<void> =>
    saveProgress({
      commcoinProgramId: config.COMMCOIN_PROGRAM_ID,
      lanes,
      watermarks,
      oldestUnfinished: () => earliest(pipeline.oldestUnfinished, firehose?.oldestHeld ?? null),
      finality,
      market,
      keeper,
      onSaved(checkpoint) {
        onSaved(checkpoint, market, conclusion.dropped);
        seen.prune(settledSlot(checkpoint));
      },
      metrics,
    });
  return { ...publishing, watermarks, reading, audit, keeper, isByBlocks, saveCheckpoint };
}
