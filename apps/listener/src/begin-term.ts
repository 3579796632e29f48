import { sleep, whenAborted } from "@commcoin/service/lifecycle";
import type { GapFiller } from "./blocks/gap-filler.ts";
import { unprovenNotifications } from "./checkpoint/unproven-notifications.ts";
import { adoptUnfinished } from "./finality/adopt.ts";
import type { Content, SignatureNotification } from "./model/notification.ts";
import type { Pipeline } from "./pipeline/pipeline.ts";
import type { Publishing } from "./status/publishing.ts";
import { createAbortScope } from "./support/abort-scope.ts";
import { errorText } from "./support/error-text.ts";
import { createTermParts, type TermContext, type TermOptions, type TermParts } from "./term-parts.ts";

/** What publishes for one term. */
export interface RunningTerm extends Publishing {
  readonly pipeline: Pipeline;
  readonly gaps: GapFiller;
  /** Takes what is new. */
  take(notification: SignatureNotification, content?: Content): void;
  /** Publishes what is on its way and saves where it ends; gives up what does not go through in time. */
  finish(): Promise<void>;
}

/** How long a stop waits for what is on its way. */
const DRAIN_MS = 5_000;
/** Between two checkpoints where no audits are made. */
const SAVE_INTERVAL_MS = 3_000;

/** Finds out how transactions ended, those that an earlier publisher left included. */
function beginFinality(
  { config, broker, nodes, decode, walker, largeGap, throttledLog }: TermContext,
  { start }: TermOptions,
  { finality }: TermParts,
  signal: AbortSignal,
): readonly Promise<void>[] {
  if (config.TRANSACTION_LISTENER_FINALITY_INTERVAL === 0) return [];
  // Before anything is saved: what an earlier publisher told or counted keeps its slot undecided.
  for (const transaction of start.market.tentative()) finality.counted(transaction);
  const unfinished = {
    checkpoint: start.checkpoint,
    broker,
    beginning: start.beginning,
    commcoinProgramId: config.COMMCOIN_PROGRAM_ID,
    rpc: nodes.any.finality,
    decode,
    finality,
    throttledLog,
    walker,
    largeGap,
  };
  return [finality.run(signal), adoptUnfinished(unfinished, signal)];
}

/** Saves checkpoints beside the audits: also while they wait or fail, publication goes on from what was listed before. */
async function beginSaving(
  { config, log }: TermContext,
  { reading, saveCheckpoint }: TermParts,
  signal: AbortSignal,
): Promise<void> {
  const auditIntervalMs = config.TRANSACTION_LISTENER_AUDIT_INTERVAL * 1_000;
  const save = (): Promise<void> =>
    saveCheckpoint().catch((error: unknown) => log.error({ error: errorText(error) }, "checkpoint"));
  if (auditIntervalMs === 0 && reading.firehose === null) return save();
  while (!signal.aborted) {
    await save();
    await sleep(auditIntervalMs > 0 ? auditIntervalMs : SAVE_INTERVAL_MS, signal);
  }
}

/** Builds what publishes for one term, and sets it going. */
export function beginTerm(
  context: TermContext,
  options: TermOptions,
): { readonly running: RunningTerm; readonly ended: Promise<void> } {
  const { config, seen, pool, log } = context;
  const { term } = options;
  const working = createAbortScope();
  const proving = createAbortScope();
  const leave = whenAborted(term.ended, () => {
    proving.abort();
    working.abort();
  });
  const parts = createTermParts(context, options);
  const { pipeline, publisher, watermarks, audit, reading } = parts;
  const { firehose, gaps } = reading;

  /** What a block will bring anyway waits for it. */
  const take = (notification: SignatureNotification, content?: Content): void => {
    if (content !== undefined || firehose?.hold(notification) !== true) pipeline.take(notification, content);
  };
  const handedOn = pipeline.run(working.signal).then(() => publisher.close());
  const draining = Promise.all([handedOn, publisher.run(working.signal)]);
  const finalizing = beginFinality(context, options, parts, proving.signal);
  const audited = config.TRANSACTION_LISTENER_AUDIT_INTERVAL > 0 ? audit.run(proving.signal) : null;
  const saved = beginSaving(context, parts, proving.signal);
  for (const notification of unprovenNotifications(seen, watermarks)) {
    // Blocks are read again from the watermark on.
    if (parts.isByBlocks(notification.address)) seen.forget(notification.signature);
    else take(notification);
  }
  const ended = Promise.all([draining, audited, saved, reading.run(proving.signal), ...finalizing]).then(
    () => {
      leave();
      pool.release(pipeline);
    },
  );

  const finish = async (): Promise<void> => {
    proving.abort();
    pipeline.close();
    const inTime = createAbortScope();
    await Promise.race([draining, sleep(DRAIN_MS, inTime.signal)]);
    inTime.abort();
    if (pipeline.unfinished > 0) {
      const text = "stopped before everything was published; what is missing has to be caught up with";
      log.warn({ transactions: pipeline.unfinished }, text);
    }
    if (term.holds()) await parts.saveCheckpoint();
    working.abort();
    await ended;
  };
  return { running: { ...parts, take, gaps, firehose, fence: term.fence, finish }, ended };
}
