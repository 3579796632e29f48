import { sleep } from "@commcoin/service/lifecycle";
import type { Logger } from "@commcoin/service/telemetry";
import type { TransactionError } from "../decode/decoded-transaction.ts";
import type { OutgoingMessage } from "../events/outgoing.ts";
import type { CountedTransaction } from "../market/counted-transaction.ts";
import type { ListenerMetrics } from "../metrics/listener-metrics.ts";
import type { SignatureNotification } from "../model/notification.ts";
import { asPublished, type PublishedTransaction } from "../model/published-transaction.ts";
import type { Publisher } from "../pipeline/publisher.ts";
import { createUnfinishedSlots } from "../progress/unfinished-slots.ts";
import type { NodeRpc } from "../rpc/node-rpc.ts";
import { errorText } from "../support/error-text.ts";
import type { ThrottledLog } from "../support/throttled-log.ts";
import { askOutcomes, MAX_ASKED, type Outcome } from "./ask-outcomes.ts";
import type { Ending, Undecided } from "./conclusion.ts";
import { createEndingPace } from "./ending-pace.ts";
import { createFinalityTracker, type Tracked } from "./finality-tracker.ts";

type Origin = SignatureNotification["origin"];

export interface FinalityOptions {
  readonly rpc: NodeRpc;
  /** Each node by itself, to be asked about what another one misses. */
  readonly nodes: readonly NodeRpc[];
  /** Milliseconds between two questions. */
  readonly intervalMs: number;
  /** Called before a transaction is published as dropped; what it throws puts that off. */
  readonly onDrop: (transaction: PublishedTransaction) => Promise<void>;
  /** What is to be published of a transaction's end. */
  readonly conclude: (undecided: Undecided, ending: Ending) => readonly OutgoingMessage[];
  readonly publisher: Pick<Publisher, "push">;
  readonly log: Logger;
  readonly throttledLog: ThrottledLog;
  readonly metrics: ListenerMetrics;
}

export interface Finality {
  /** A transaction was published as confirmed. */
  confirmed(transaction: PublishedTransaction, origin: Origin): void;
  /** Markets count a transaction, and have to take it back where it is lost, whether or not it was published. */
  counted(transaction: CountedTransaction): void;
  /** Keeps the slot undecided until the returned function is called: something of it will be brought. */
  hold(slot: number): () => void;
  /** The lowest slot of which anything is undecided or unpublished; null when there is none. */
  readonly oldestOpen: number | null;
  /** Transactions whose end is not known yet. */
  readonly size: number;
  /** Runs until the signal aborts; never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

/**
 * Transactions that wait for their block to be final: 10,000 a second for 15 seconds. Each takes some 2 KB with all that
 * tells of it, measured on recorded mainnet transactions: 300 MB in all.
 */
const CAPACITY = 150_000;
/** Slots in one question; a node takes half a million, which is an answer of megabytes. */
const MAX_RANGE = 10_000;
/**
 * How far finality may go on past a slot of which no node can prove anything. Then its transactions are left as they
 * are: what is further than a question reaches would wait for them.
 */
const MAX_DOUBT_SLOTS = MAX_RANGE / 2;

/** What is undecided, as it is where it became final. */
const moveTo = (
  { transaction, origin }: Undecided,
  slot: number,
  error: TransactionError | null,
): Undecided =>
  origin === null
    ? { transaction: { ...transaction, slot, error }, origin }
    : { transaction: { ...transaction, slot, error }, origin };

/**
 * Tells of each confirmed transaction how it ended. One question about a range of slots covers all of them, however
 * long slots and finality take.
 */
export function createFinality({
  rpc,
  nodes,
  intervalMs,
  onDrop,
  conclude,
  publisher,
  log,
  throttledLog,
  metrics,
}: FinalityOptions): Finality {
  const tracker = createFinalityTracker<Undecided>(CAPACITY);
  const open = createUnfinishedSlots();
  const pace = createEndingPace();

  const publish = async (
    { slot, body }: Tracked<Undecided>,
    ending: Ending,
    signal: AbortSignal,
  ): Promise<void> => {
    const acknowledged = (): void => {
      pace.acknowledged();
      open.end(slot);
      if (body.origin !== null) metrics.concluded.inc({ outcome: ending });
    };
    await publisher.push({ messages: conclude(body, ending), acknowledged }, signal);
    await pace.published(signal);
  };

  /** Their end will not be published. */
  const giveUp = (undecided: readonly Tracked<Undecided>[], text: string): void => {
    if (undecided.length === 0) return;
    for (const { slot } of undecided) open.end(slot);
    metrics.concluded.inc({ outcome: "unknown" }, undecided.length);
    throttledLog.warn({ transactions: undecided.length }, text);
  };

  const add = (undecided: Tracked<Undecided>): void => {
    tracker.remove(undecided.signature);
    open.begin(undecided.slot);
    giveUp(tracker.add(undecided), "too many transactions wait for their end; forgot the oldest");
  };

  /** How many doubtful ones were asked about since the first. */
  let turn = 0;
  const inTurn = (doubtful: readonly Tracked<Undecided>[]): readonly Tracked<Undecided>[] => {
    const from = turn < doubtful.length ? turn : 0;
    turn = from + MAX_ASKED;
    return doubtful.slice(from, turn);
  };

  const settleDoubt = async (
    doubtful: readonly Tracked<Undecided>[],
    head: number,
    signal: AbortSignal,
  ): Promise<void> => {
    const asked = inTurn(doubtful);
    let outcomes: ReadonlyMap<string, Outcome> = new Map();
    try {
      outcomes = await askOutcomes(nodes, asked, signal);
    } catch (error) {
      if (signal.aborted) return;
      throttledLog.warn({ error: errorText(error) }, "cannot ask how transactions ended");
    }
    const isHopeless = ({ signature, slot }: Tracked<Undecided>): boolean =>
      (outcomes.get(signature) ?? "open") === "open" && slot < head - MAX_DOUBT_SLOTS;
    const hopeless = asked.filter(isHopeless);
    for (const { signature } of hopeless) tracker.remove(signature);
    giveUp(hopeless, "no node can tell how transactions ended: they are left at confirmed");
    for (const tracked of asked) {
      const { signature, slot, body } = tracked;
      const outcome = outcomes.get(signature) ?? "open";
      // What was only counted may have been published while the nodes were asked: then it is asked about as that.
      if (outcome === "open" || tracker.get(signature) !== tracked) continue;
      if (outcome === "gone" && body.origin !== null) await onDrop(body.transaction);
      tracker.remove(signature);
      if (outcome === "gone") {
        log.warn({ signature, slot, told: body.origin !== null }, "a fork lost a confirmed transaction");
        await publish(tracked, "dropped", signal);
        continue;
      }
      const { finalIn, error } = outcome;
      const moved = moveTo(body, finalIn, error);
      // In its new block it may have failed: then what it was told to have done never was.
      const ending = error !== null ? "dropped" : finalIn === slot ? "finalized" : "relanded";
      await publish({ signature, slot, body: moved }, ending, signal);
    }
  };

  const round = async (signal: AbortSignal): Promise<void> => {
    const from = tracker.oldest;
    if (from === null) return;
    const slots = await rpc
      .getBlocks(from, from + MAX_RANGE, { commitment: "finalized" })
      .send({ abortSignal: signal });
    const { final, doubtful } = tracker.decide(from, slots);
    for (const tracked of final) await publish(tracked, "finalized", signal);
    if (doubtful.length > 0) await settleDoubt(doubtful, slots.at(-1) ?? from, signal);
  };

  return {
    confirmed(transaction, origin) {
      const { signature, slot, error } = transaction;
      // What the chain refused is published already, and in the words of its end.
      if (error !== null) return;
      const known = tracker.get(signature);
      if (known !== null && known.body.origin !== null) return;
      add({ signature, slot, body: { transaction: asPublished(transaction), origin } });
      if (known !== null) open.end(known.slot);
    },
    counted(transaction) {
      const { signature, slot } = transaction;
      if (tracker.get(signature) !== null) return;
      add({ signature, slot, body: { transaction: { ...transaction, error: null }, origin: null } });
    },
    hold(slot) {
      open.begin(slot);
      return () => open.end(slot);
    },
    get oldestOpen() {
      return open.oldest;
    },
    get size() {
      return tracker.size;
    },
    async run(signal) {
      while (!signal.aborted) {
        try {
          await round(signal);
        } catch (error) {
          if (signal.aborted) break;
          throttledLog.warn({ error: errorText(error) }, "cannot ask which blocks are final");
        }
        await sleep(intervalMs, signal);
      }
    },
  };
}
