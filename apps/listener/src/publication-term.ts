import { sleep, systemClock, whenAborted } from "@commcoin/service/lifecycle";
import type { Broker } from "@commcoin/broker";
import type { Logger } from "@commcoin/service/telemetry";
import { createAudit } from "./audit/audit.ts";
import { createBlockReading } from "./blocks/block-reading.ts";
import type { GapFiller } from "./blocks/gap-filler.ts";
import type { BlockWalker } from "./blocks/walker.ts";
import { createCheckpointKeeper } from "./checkpoint/checkpoint-keeper.ts";
import type { Handover, Legacy } from "./checkpoint/handover.ts";
import { leftUndone } from "./checkpoint/left-undone.ts";
import type { ListenerState } from "./checkpoint/listener-state.ts";
import { saveProgress } from "./checkpoint/save-progress.ts";
import type { ListenerConfig } from "./config.ts";
import type { DecodeTransaction } from "./decode/decode-transaction.ts";
import { adoptUnfinished } from "./finality/adopt.ts";
import { createConclusion } from "./finality/conclusion.ts";
import { createFinality } from "./finality/finality.ts";
import type { Term } from "./leadership/leadership.ts";
import { createNameLookup } from "./metadata/name-lookup.ts";
import type { ListenerMetrics } from "./metrics/listener-metrics.ts";
import { settledSlot } from "./model/checkpoint.ts";
import type { Gap } from "./model/gap.ts";
import type { MissedTransaction } from "./model/notification.ts";
import type { Content, SignatureNotification } from "./model/notification.ts";
import { createIntake } from "./pipeline/intake.ts";
import { createInterpreter } from "./pipeline/interpret.ts";
import { createPipeline, type Pipeline } from "./pipeline/pipeline.ts";
import { createPublisher } from "./pipeline/publisher.ts";
import type { SeenSlots } from "./progress/seen-slots.ts";
import { createWatermarks } from "./progress/watermarks.ts";
import type { Nodes } from "./rpc/connect-rpc.ts";
import type { Sources } from "./sources/create-sources.ts";
import type { Credit } from "./sources/credit.ts";
import type { NodePool } from "./sources/node-pool.ts";
import type { Race } from "./sources/race.ts";
import type { StreamCounts } from "./sources/stream-counts.ts";
import type { Publishing } from "./status/publishing.ts";
import { createAbortScope } from "./support/abort-scope.ts";
import type { CalmLog } from "./support/calm-log.ts";
import { errorText } from "./support/error-text.ts";

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
  readonly counts: StreamCounts;
  readonly race: Pick<Race, "found" | "hasOthers" | "forget">;
  readonly credit: Credit;
  readonly log: Logger;
  readonly calmLog: CalmLog;
  readonly metrics: ListenerMetrics;
}

export interface TermOptions {
  readonly term: Term;
  readonly state: ListenerState;
  /** What publishing begins with. */
  readonly legacy: Legacy;
  /** Gaps that were found before. */
  readonly unfilled: readonly Gap[];
  /** Called when a checkpoint was saved, with its markets. */
  readonly onSaved: Handover["saved"];
}

/** What publishes for one term. */
export interface Running extends Publishing {
  readonly pipeline: Pipeline;
  readonly gaps: GapFiller;
  /** Takes what is new. */
  take(notification: SignatureNotification): void;
  /** Publishes what is on its way and saves where it ends; gives up what does not go through in time. */
  finish(): Promise<void>;
}

/** How long a stop waits for what is on its way. */
const DRAIN_MS = 5_000;
/** Between two checkpoints where no audits are made. */
const SAVE_INTERVAL_MS = 3_000;
/** Transactions fetched ahead, as a multiple of the requests in flight: one that is late does not idle the others. */
const WINDOW_FACTOR = 8;
const earliest = (one: number | null, other: number | null): number | null =>
  one === null ? other : Math.min(one, other ?? one);
const now = (): number => Math.floor(systemClock.now() / 1_000);

/** Builds what publishes for one term, and sets it going. */
export function beginTerm(
  {
    config,
    broker,
    nodes,
    decode,
    walker,
    largeGap,
    pool,
    sources,
    seen,
    counts,
    race,
    credit,
    log,
    calmLog,
    metrics,
  }: TermContext,
  { term, state, legacy, unfilled, onSaved }: TermOptions,
): { readonly running: Running; readonly ended: Promise<void> } {
  const auditIntervalMs = config.TRANSACTION_LISTENER_AUDIT_INTERVAL * 1_000;
  const rpc = nodes.any;
  const names = createNameLookup(rpc.live);
  const audience = {
    commcoinProgramId: config.COMMCOIN_PROGRAM_ID,
    watchedPrograms: sources.programs,
    watchedAccounts: sources.accounts,
  };
  const working = createAbortScope();
  const auditing = createAbortScope();
  const leave = whenAborted(term.ended, () => {
    auditing.abort();
    working.abort();
  });
  const { checkpoint: last, market } = legacy;
  const watermarks = createWatermarks();
  for (const { address, watermark } of last?.lanes ?? []) watermarks.begin(address, watermark);
  for (const { address, watermark, coin } of last?.lanes ?? []) {
    if (coin) sources.followCoin(address, watermark + 1);
  }

  const blockLanes = sources.blockLanes();
  for (const { address, fromSlot } of blockLanes) watermarks.begin(address, fromSlot - 1);
  const isByBlocks = new Set(blockLanes.map(({ address }) => address));

  const publisher = createPublisher({ broker, term, log, metrics });
  const conclusion = createConclusion({
    market,
    audience,
    dropped: legacy.dropped,
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
    calmLog,
    metrics,
  });
  const finalize = config.TRANSACTION_LISTENER_FINALITY_INTERVAL > 0;
  const pipeline = createPipeline({
    rpc,
    decode,
    names,
    interpret: createInterpreter({
      market,
      audience,
      landingOf: conclusion.landingOf,
      onCreated: (mint, slot) => sources.followCoin(mint, slot),
      now,
    }),
    publisher,
    publishedSlot: legacy.publishedSlot,
    isAudited: (address) => auditIntervalMs > 0 || isByBlocks.has(address),
    onPublished: (transaction, origin) => {
      if (finalize) finality.confirmed(transaction, origin);
    },
    seen,
    credit,
    hasOthers: (address, endpoint) => race.hasOthers(address, endpoint),
    mentionsFollowed(accounts) {
      const followed = new Set(sources.lanes().map(({ address }) => address));
      return accounts.some((account) => followed.has(account));
    },
    onDisowned: (signature) => race.forget(signature),
    window: config.TRANSACTION_LISTENER_CONCURRENCY * WINDOW_FACTOR,
    onFull: (full) => {
      audit.excuse();
      if (full) pool.hold(pipeline);
      else pool.release(pipeline);
      log.debug({ full, waiting: pipeline.waiting }, "the queue of signatures");
    },
    log,
    calmLog,
    metrics,
  });
  const keeper = createCheckpointKeeper({
    state,
    market,
    unsaved: legacy.unsaved,
    term,
    calmLog,
    metrics,
  });

  const saveCheckpoint = (): Promise<void> =>
    saveProgress({
      commcoinProgramId: config.COMMCOIN_PROGRAM_ID,
      lanes: () => sources.lanes(),
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

  /** What a block will bring anyway waits for it. */
  const take = (notification: SignatureNotification, content?: Content): void => {
    if (content !== undefined || firehose?.hold(notification) !== true) pipeline.take(notification, content);
  };
  /** Beside the audits: also while they wait or fail, publication goes on from what was listed before. */
  const save = (): Promise<void> =>
    saveCheckpoint().catch((error: unknown) => log.error({ error: errorText(error) }, "checkpoint"));
  const keepSaving = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      await save();
      await sleep(auditIntervalMs > 0 ? auditIntervalMs : SAVE_INTERVAL_MS, signal);
    }
  };

  const intake = createIntake({
    seen,
    take,
    room: (signal) => pipeline.room(signal),
    counts,
    metrics,
  });
  /** What was announced and no node gave yet was reported, though it is brought again. */
  const missed: MissedTransaction = ({ signature, ...found }) => {
    if (!pipeline.isLost(signature)) race.found(found);
  };
  const reading = createBlockReading({
    blockLanes,
    walker,
    watermarks,
    intake,
    pipeline,
    head: () => pool.slot,
    lanes: () => sources.lanes(),
    seen,
    onAudited: (address, slot) => pipeline.audited(address, slot),
    missed,
    log,
    calmLog,
    metrics,
  });
  const { firehose, gaps } = reading;
  for (const gap of unfilled) {
    gaps.add({ ...gap, from: Math.max(gap.from, watermarks.of(gap.address) + 1) });
  }
  const audit = createAudit({
    rpc: rpc.audit,
    intervalMs: auditIntervalMs,
    lanes: () => sources.lanes(),
    isProvenElsewhere: (address) => isByBlocks.has(address) || gaps.isBusy(address),
    watermarks,
    seen,
    offer: (notification) => intake.offer(notification),
    room: (signal) => pipeline.room(signal),
    missed,
    onFollowed: (addresses) => pipeline.followed(addresses),
    onAudited: (address, upTo) => pipeline.audited(address, upTo),
    calmLog,
    largeGap,
    onGap: (gap) => gaps.add(gap),
  });

  const handedOn = pipeline.run(working.signal).then(() => publisher.close());
  const draining = Promise.all([handedOn, publisher.run(working.signal)]);
  // Before anything is saved: what an earlier publisher told or counted keeps its slot undecided.
  if (finalize) for (const transaction of market.tentative()) finality.counted(transaction);
  const finalizing = !finalize
    ? []
    : [
        finality.run(auditing.signal),
        adoptUnfinished(
          {
            checkpoint: last,
            broker,
            beginning: legacy.beginning,
            commcoinProgramId: config.COMMCOIN_PROGRAM_ID,
            rpc: rpc.finality,
            decode,
            finality,
            calmLog,
            walker,
            largeGap,
          },
          auditing.signal,
        ),
      ];
  const audited = auditIntervalMs > 0 ? audit.run(auditing.signal) : null;
  const saved = auditIntervalMs > 0 || firehose !== null ? keepSaving(auditing.signal) : save();
  for (const notification of leftUndone(seen, watermarks)) {
    // Blocks are read again from the watermark on.
    if (isByBlocks.has(notification.address)) seen.forget(notification.signature);
    else take(notification);
  }
  const ended = Promise.all([draining, audited, saved, reading.run(auditing.signal), ...finalizing]).then(
    () => {
      leave();
      pool.release(pipeline);
    },
  );

  const finish = async (): Promise<void> => {
    auditing.abort();
    pipeline.close();
    const inTime = createAbortScope();
    await Promise.race([draining, sleep(DRAIN_MS, inTime.signal)]);
    inTime.abort();
    if (pipeline.unfinished > 0) {
      const text = "stopped before everything was published; what is missing has to be caught up with";
      log.warn({ transactions: pipeline.unfinished }, text);
    }
    if (term.holds()) await saveCheckpoint();
    working.abort();
    await ended;
  };
  return {
    running: {
      take,
      gaps,
      pipeline,
      publisher,
      audit,
      watermarks,
      firehose,
      finality,
      keeper,
      fence: term.fence,
      finish,
    },
    ended,
  };
}
