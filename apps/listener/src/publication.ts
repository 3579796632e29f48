import { createBackoff, sleep, systemClock } from "@commcoin/service/lifecycle";
import type { Broker } from "@commcoin/broker";
import type { Logger } from "@commcoin/service/telemetry";
import { createAbortScope } from "./abort-scope.ts";
import { createAudit, type Audit } from "./audit/audit.ts";
import { createWatermarks, type Watermarks } from "./audit/watermarks.ts";
import type { CalmLog } from "./calm-log.ts";
import { createCheckpointKeeper } from "./checkpoint/checkpoint-keeper.ts";
import { type Checkpoint, encodeCheckpoint, settledSlot } from "./checkpoint/checkpoint.ts";
import type { ListenerState, SavedState } from "./checkpoint/listener-state.ts";
import type { ListenerConfig } from "./config.ts";
import { createTransactionDecoder } from "./decode/decode-transaction.ts";
import { errorText } from "./error-text.ts";
import { correctedMarkets } from "./events/coin-messages.ts";
import { transactionMessages } from "./events/transaction-messages.ts";
import { adoptUnfinished } from "./finality/adopt.ts";
import type { Dropped } from "./finality/dropped.ts";
import { createFinality, type Finality } from "./finality/finality.ts";
import type { Term } from "./leadership/leadership.ts";
import { createMarket, type Market } from "./market/market.ts";
import { createNameLookup } from "./metadata/name-lookup.ts";
import type { ListenerMetrics } from "./metrics.ts";
import { createIntake } from "./pipeline/intake.ts";
import { createInterpreter } from "./pipeline/interpret.ts";
import { createPipeline, type Pipeline } from "./pipeline/pipeline.ts";
import { createPublisher, type Publisher } from "./pipeline/publisher.ts";
import type { SeenSlots } from "./pipeline/seen-slots.ts";
import type { Nodes } from "./rpc/connect-rpc.ts";
import type { Sources } from "./sources/create-sources.ts";
import type { NodePool } from "./sources/node-pool.ts";
import type { Race } from "./sources/race.ts";
import type { SignatureNotification } from "./sources/source.ts";
import type { StreamCounts } from "./sources/stream-counts.ts";

export interface PublicationOptions {
  readonly config: ListenerConfig;
  readonly broker: Pick<Broker, "publish">;
  readonly nodes: Nodes;
  readonly pool: Pick<NodePool, "hold" | "release">;
  readonly sources: Sources;
  readonly seen: SeenSlots;
  readonly counts: StreamCounts;
  readonly race: Pick<Race, "found">;
  readonly log: Logger;
  readonly calmLog: CalmLog;
  readonly metrics: ListenerMetrics;
}

/** What a listener does while it is the one that publishes. */
export interface Publication {
  /** Goes on where the last checkpoint ends, until the term ends or `finish` was called. Never rejects. */
  lead(term: Term, state: ListenerState): Promise<void>;
  /** Tells where another listener has come to. */
  follow(checkpoint: Checkpoint): void;
  /** Takes what is new; nothing happens with it while this listener stands by. */
  take(notification: SignatureNotification): void;
  room(signal: AbortSignal): Promise<void>;
  /** Publishes what is on its way and saves where it ends; gives up what does not go through in time. */
  finish(): Promise<void>;
  /** What runs now; null while this listener stands by. */
  readonly active: Active | null;
}

export interface Active {
  readonly pipeline: Pipeline;
  readonly publisher: Publisher;
  readonly audit: Audit;
  readonly watermarks: Watermarks;
  readonly finality: Pick<Finality, "size">;
  /** Number of the lease. */
  readonly fence: number;
}

/** What a term begins with. */
interface Beginning {
  readonly checkpoint: Checkpoint | null;
  readonly market: Market;
  readonly dropped: Dropped;
}

/** What this process knows of where publishing has come to; markets and drops only if it was this process. */
interface Known {
  readonly checkpoint: Checkpoint;
  readonly market: Market | null;
  readonly dropped: Dropped | null;
}

interface Running extends Active {
  finish(): Promise<void>;
}

/** How long a stop waits for what is on its way. */
const DRAIN_MS = 5_000;
/** Transactions fetched ahead, as a multiple of the requests in flight: one that is late does not idle the others. */
const WINDOW_FACTOR = 8;
const now = (): number => Math.floor(systemClock.now() / 1_000);
const BACKOFF = { minMs: 100, maxMs: 2_000 };

export function createPublication(options: PublicationOptions): Publication {
  const { config, broker, nodes, pool, sources, seen, counts, race, log, calmLog, metrics } = options;
  const decode = createTransactionDecoder({ commcoinProgramId: config.COMMCOIN_PROGRAM_ID });
  const rpc = nodes.any;
  const names = createNameLookup(rpc.live);
  const audience = {
    commcoinProgramId: config.COMMCOIN_PROGRAM_ID,
    watchedPrograms: sources.programs,
    watchedAccounts: sources.accounts,
  };
  let active: Running | null = null;

  /** What an earlier publisher left; null when the term ends first. */
  const load = async (term: Term, state: ListenerState): Promise<SavedState | null> => {
    const backoff = createBackoff(BACKOFF);
    while (term.holds()) {
      try {
        return await state.takeOver(term.fence);
      } catch (error) {
        const delayMs = Math.round(backoff.next());
        calmLog.warn({ retry_in_ms: delayMs, error: errorText(error) }, "cannot read the checkpoint");
        await sleep(delayMs, term.ended);
      }
    }
    return null;
  };

  const restoreMarket = ({ checkpoint, markets }: SavedState): Market => {
    const market = createMarket();
    for (const [mint, saved] of markets) market.restore(mint, saved);
    const program = checkpoint?.lanes.find(({ address }) => address === config.COMMCOIN_PROGRAM_ID);
    if (program !== undefined) market.settle(program.watermark);
    return market;
  };

  let known: Known | null = null;
  /**
   * What a term begins with: what the broker has kept; or where that was lost, as a whole or since this process saved it,
   * what this process still knows.
   */
  const recall = (saved: SavedState): Beginning => {
    const isOwn =
      known !== null &&
      (saved.checkpoint === null ||
        encodeCheckpoint(saved.checkpoint) === encodeCheckpoint(known.checkpoint));
    const { checkpoint, dropped } = saved;
    if (known === null || !isOwn) return { checkpoint, dropped, market: restoreMarket(saved) };
    if (checkpoint === null) log.warn("the broker lost the checkpoint: going on from what is known here");
    const market = known.market ?? restoreMarket(saved);
    if (saved.markets.size < market.size) market.unsaved();
    return { checkpoint: known.checkpoint, dropped: known.dropped ?? dropped, market };
  };

  /** Builds what runs for one term and sets it going. */
  const begin = (
    term: Term,
    state: ListenerState,
    { checkpoint: start, market, dropped: before }: Beginning,
  ): { running: Running; ended: Promise<void> } => {
    const working = createAbortScope();
    const auditing = createAbortScope();
    const abort = (): void => {
      auditing.abort();
      working.abort();
    };
    term.ended.addEventListener("abort", abort);
    let dropped = before;
    const watermarks = createWatermarks();
    for (const { address, watermark } of start?.lanes ?? []) watermarks.begin(address, watermark);
    for (const { address, watermark, coin } of start?.lanes ?? []) {
      if (coin) sources.followCoin(address, watermark + 1);
    }

    const publisher = createPublisher({ broker, term, log, metrics });
    const finality = createFinality({
      rpc: rpc.finality,
      nodes: nodes.each,
      intervalMs: config.TRANSACTION_LISTENER_FINALITY_INTERVAL * 1_000,
      onDrop: ({ signature }) => state.saveDropped(dropped.with(signature, systemClock.now()), term.fence),
      conclude: (transaction, outcome, origin) => {
        const landing = dropped.landingOf(transaction);
        const messages = transactionMessages(transaction, outcome, origin, audience, landing);
        if (outcome === "finalized") return messages;
        const { signature, blockTime } = transaction;
        dropped = dropped.with(signature, systemClock.now());
        // When it comes back in another block, it is new.
        seen.forget(signature);
        const markets = market.retract(transaction, blockTime ?? now());
        return [...messages, ...correctedMarkets(signature, markets, landing)];
      },
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
        landingOf: (transaction) => dropped.landingOf(transaction),
        onCreated: (mint, slot) => sources.followCoin(mint, slot),
        now,
      }),
      publisher,
      onPublished: (transaction, origin) => {
        if (finalize) finality.confirmed(transaction, origin);
      },
      seen,
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
    const keeper = createCheckpointKeeper({ state, market, term, calmLog, metrics });

    const saveCheckpoint = async (): Promise<void> => {
      const lanes = sources.lanes();
      watermarks.keep(new Set(lanes.map(({ address }) => address)));
      for (const { address, fromSlot } of lanes) watermarks.begin(address, fromSlot - 1);
      watermarks.settle(pipeline.oldestUnfinished);
      const { oldestOpen } = finality;
      const decided = oldestOpen === null ? Infinity : oldestOpen - 1;
      const program = lanes.some(({ address }) => address === config.COMMCOIN_PROGRAM_ID)
        ? watermarks.of(config.COMMCOIN_PROGRAM_ID)
        : watermarks.lowest;
      if (program !== null) {
        market.settle(program);
        market.finalize(Math.min(program, decided));
      }
      const lowest = watermarks.lowest;
      if (lowest === null) return;
      const checkpoint: Checkpoint = {
        version: 1,
        finalized: Math.min(lowest, decided),
        lanes: lanes.map(({ address, coin }) => ({ address, coin, watermark: watermarks.of(address) })),
      };
      metrics.slot.set({ of: "watermark" }, lowest);
      if (!(await keeper.save(checkpoint))) return;
      known = { checkpoint, market, dropped };
      seen.prune(settledSlot(checkpoint));
    };

    const intake = createIntake({
      seen,
      take: (notification) => pipeline.take(notification),
      room: (signal) => pipeline.room(signal),
      counts,
      metrics,
    });
    const audit = createAudit({
      rpc: rpc.audit,
      intervalMs: config.TRANSACTION_LISTENER_AUDIT_INTERVAL * 1_000,
      lanes: () => sources.lanes(),
      watermarks,
      seen,
      offer: (notification) => intake.offer(notification),
      room: (signal) => pipeline.room(signal),
      missed: (found) => race.found(found),
      onFollowed: (addresses) => pipeline.followed(addresses),
      onAudited: (address, upTo) => pipeline.audited(address, upTo),
      onRound: saveCheckpoint,
      log,
      calmLog,
      metrics,
    });

    const handedOn = pipeline.run(working.signal).then(() => publisher.close());
    const draining = Promise.all([handedOn, publisher.run(working.signal)]);
    const audited =
      config.TRANSACTION_LISTENER_AUDIT_INTERVAL > 0
        ? audit.run(auditing.signal)
        : saveCheckpoint().catch((error: unknown) => log.error({ error: errorText(error) }, "checkpoint"));
    const finalizing = !finalize
      ? []
      : [
          finality.run(auditing.signal),
          ...(start === null
            ? []
            : [
                adoptUnfinished(
                  { checkpoint: start, rpc: rpc.finality, decode, finality, calmLog },
                  auditing.signal,
                ),
              ]),
        ];
    for (const notification of seen.above(watermarks.lowest ?? -1)) {
      if (notification.slot > watermarks.of(notification.address)) pipeline.take(notification);
    }
    const ended = Promise.all([draining, audited, ...finalizing]).then(() => {
      term.ended.removeEventListener("abort", abort);
      pool.release(pipeline);
    });

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
      running: { pipeline, publisher, audit, watermarks, finality, fence: term.fence, finish },
      ended,
    };
  };

  return {
    async lead(term, state) {
      const saved = await load(term, state);
      if (saved === null || term.ended.aborted) return;
      const beginning = recall(saved);
      const { checkpoint, market } = beginning;
      const { running, ended } = begin(term, state, beginning);
      active = running;
      metrics.leader.set(1);
      const from = checkpoint === null ? null : settledSlot(checkpoint);
      log.info({ fence: term.fence, from_slot: from, coins: market.size }, "publishing");
      await ended;
      active = null;
      metrics.leader.set(0);
      if (term.ended.aborted) log.info({ fence: term.fence }, "standing by");
    },
    follow(checkpoint) {
      known = { checkpoint, market: null, dropped: null };
    },
    take: (notification) => active?.pipeline.take(notification),
    room: (signal) => active?.pipeline.room(signal) ?? Promise.resolve(),
    finish: async () => active?.finish(),
    get active() {
      return active;
    },
  };
}
