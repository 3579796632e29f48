import { whenAborted } from "@commcoin/service/lifecycle";
import type { Logger } from "@commcoin/service/telemetry";
import type { DecodeTransaction } from "../decode/decode-transaction.ts";
import type { DecodedTransaction } from "../decode/decoded-transaction.ts";
import { readEnvelope } from "../decode/envelope.ts";
import type { CoinNames } from "../events/coin-messages.ts";
import type { OutgoingMessage } from "../events/outgoing.ts";
import type { NameLookup } from "../metadata/name-lookup.ts";
import { kindLabel } from "../metrics/listener-metrics.ts";
import type { Content, SignatureNotification } from "../model/notification.ts";
import { createUnfinishedSlots } from "../progress/unfinished-slots.ts";
import { errorText } from "../support/error-text.ts";
import { createBlockOrder } from "./block-order.ts";
import { inChainOrder, isBefore, type Placed } from "./chain-place.ts";
import { inSlotOrder } from "./in-slot-order.ts";
import { createLostTransactions } from "./lost-transactions.ts";
import type { Publisher } from "./publisher.ts";
import { hasCutLogs, readIndex } from "./said-by-node.ts";
import { createSignatureLine, type Taken } from "./signature-line.ts";
import { createTransactionAsking, type AskingContext } from "./transaction-asking.ts";

type Names = ReadonlyMap<string, CoinNames>;

/** Tells what a transaction means. Called in the order of publication. */
export type Interpret = (
  transaction: DecodedTransaction,
  names: Names,
  origin: SignatureNotification["origin"],
  /** Place in the block; null when no node says it. */
  index: number | null,
) => readonly OutgoingMessage[];

export interface PipelineOptions extends AskingContext {
  readonly decode: DecodeTransaction;
  readonly names: NameLookup;
  readonly interpret: Interpret;
  readonly publisher: Publisher;
  /** The newest slot of which an earlier publisher published anything; -1 when there is none. */
  readonly publishedSlot: number;
  /** Called once everything that follows from a transaction was acknowledged. */
  readonly onPublished: (transaction: DecodedTransaction, origin: SignatureNotification["origin"]) => void;
  /** Whether any address that is followed is among these. */
  readonly mentionsFollowed: (accounts: readonly string[]) => boolean;
  /** Transactions fetched ahead of the one that is published next. */
  readonly window: number;
  /** Called with true when sources bring more than can be taken, and with false when they may go on. */
  readonly onFull: (full: boolean) => void;
  readonly log: Logger;
}

/** From signatures to acknowledged messages: fetch, decode, interpret, publish; in the order of slots. */
export interface Pipeline {
  /** Takes a signature, always and at once. Each must be brought once. It is fetched where its content is not known. */
  take(notification: SignatureNotification, content?: Content): void;
  /** Whether something that one node alone announced can be asked for: of a node whose word is worth little, little. */
  admits(notification: SignatureNotification): boolean;
  /** A node announced it again. */
  vouch(signature: string, endpoint: string): void;
  /** A node is doubted from now on: what it alone announced, and what waits yet, is left to others and to audits. */
  doubt(endpoint: string): void;
  /** Resolves when there is room for many more, or when the signal aborts. */
  room(signal: AbortSignal): Promise<void>;
  /** Runs until `close` was called and everything is handed on, or the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Takes nothing more. */
  close(): void;
  /** Transactions whose messages were acknowledged. */
  readonly published: number;
  /** Signatures that wait to be fetched. */
  readonly waiting: number;
  /** Signatures that were taken and whose messages are not acknowledged yet. */
  readonly unfinished: number;
  /** The lowest slot of which anything is unfinished, or was announced and could not be had yet; null when there is none. */
  readonly oldestUnfinished: number | null;
  /** Milliseconds since the longest waiting transaction was first asked for; null when none is waited for. */
  readonly fetchingMs: number | null;
  /** Whether a transaction was announced, could not be had, and waits to be brought again. */
  isLost(signature: string): boolean;
  /** Tells that an audit listed everything of an address up to a slot. */
  audited(address: string, upTo: number): void;
  /** Tells which addresses audits look at. */
  followed(addresses: ReadonlySet<string>): void;
}

/** Signatures that wait to be fetched; over it, sources are held. */
const CAPACITY = 10_000;
/** Signatures of a doubted node that are asked for at a time: enough for a quiet market, and to see that it is right again. */
const ALLOWANCE = 64;
interface Prepared extends Placed {
  readonly notification: SignatureNotification;
  readonly transaction: DecodedTransaction;
  readonly names: Names;
}

export function createPipeline(options: PipelineOptions): Pipeline {
  const { rpc, decode, names, interpret, publisher, publishedSlot, onPublished } = options;
  const { credit, mentionsFollowed, onDisowned, window, onFull, log, calmLog, metrics } = options;
  const line = createSignatureLine({ capacity: CAPACITY, onFull });
  const unfinished = createUnfinishedSlots();
  const lost = createLostTransactions(unfinished);
  const giveUp = (signatures: readonly string[]): void => {
    const fields = { signature: signatures[0], transactions: signatures.length };
    if (signatures.length > 0) calmLog.warn(fields, "gave up announced transactions");
  };
  const blocks = createBlockOrder(rpc.live, calmLog);
  let published = 0;
  let newestSlot = 0;
  /** What stands last on the chain of all that was handed to the publisher. */
  let last: Placed | null =
    publishedSlot < 0 ? null : { signature: "", slot: publishedSlot, index: Infinity };
  let closed = false;

  const asking = createTransactionAsking({ ...options, unfinished, lost, onCrowd: leaveWaiting });

  /** Leaves to others what waits on the word of a node that is doubted. */
  function leaveWaiting(endpoint: string): void {
    const isLeft = (taken: Taken): boolean =>
      taken.notification.endpoint === endpoint && asking.isDoubted(taken);
    for (const { notification } of line.remove(isLeft)) asking.leave(notification);
  }

  const findNames = async ({ creates }: DecodedTransaction, signal: AbortSignal): Promise<Names> => {
    const nameless = creates.filter(({ metadata }) => metadata === null).map(({ mint }) => mint);
    const found = new Map<string, CoinNames>();
    const lookUp = async (mint: string): Promise<void> => {
      const coin = await names.find(mint, signal);
      if (coin !== null) found.set(mint, coin);
    };
    await Promise.all(nameless.map(lookUp));
    return found;
  };

  const read = ({ signature, slot }: SignatureNotification, json: unknown): DecodedTransaction | null => {
    try {
      return decode(json);
    } catch (error) {
      metrics.decodeErrors.inc();
      log.error({ signature, slot, error: errorText(error) }, "a transaction cannot be decoded");
    }
    try {
      return readEnvelope(json);
    } catch {
      return null;
    }
  };

  /** A node announced what mentions no address that is followed. What cannot be read has the benefit of the doubt. */
  const disown = ({ signature, slot, address, source, endpoint }: SignatureNotification): void => {
    if (endpoint !== null) credit.unknown(endpoint);
    onDisowned(signature);
    unfinished.end(slot);
    const text = "a node announced a transaction that mentions nothing that is followed: it is left out";
    calmLog.warn({ signature, address, source, endpoint }, text);
  };

  /** What a node gives, or null. Where it steps aside, nothing waits for it: when it is there, it takes its place in the line. */
  const fetch = (taken: Taken, signal: AbortSignal): Promise<unknown> =>
    new Promise((resolve) => {
      let isAside = false;
      const asked = asking.ask(taken, signal, () => {
        isAside = true;
        resolve(null);
      });
      void asked.then((json) => {
        line.done(taken);
        if (!isAside) resolve(json);
        else if (json !== null && closed) unfinished.end(taken.notification.slot);
        else if (json !== null) line.push(taken.notification, undefined, json);
      });
    });

  const prepare = async (taken: Taken, signal: AbortSignal): Promise<Prepared | null> => {
    const { notification, content } = taken;
    if (content !== undefined) {
      const { transaction, index } = content;
      const found = await findNames(transaction, signal);
      const { signature, slot } = transaction;
      return { notification, transaction, names: found, signature, slot, index };
    }
    const json = taken.json ?? (await fetch(taken, signal));
    if (json === null) return null;
    const transaction = read(notification, json);
    if (transaction === null) {
      asking.lose(taken, { reason: "nothing of it can be read", final: false });
      return null;
    }
    if (hasCutLogs(json)) metrics.truncatedLogs.inc();
    const { signature, slot, accounts } = transaction;
    const isMentioned = accounts.includes(notification.address) || mentionsFollowed(accounts);
    if (!isMentioned && transaction.instructions.length > 0) {
      disown(notification);
      return null;
    }
    const found = await findNames(transaction, signal);
    return { notification, transaction, names: found, signature, slot, index: readIndex(json) };
  };

  /** One transaction that breaks a rule must not stop those behind it. */
  const understand: Interpret = (transaction, ...about) => {
    try {
      return interpret(transaction, ...about);
    } catch (error) {
      metrics.decodeErrors.inc();
      const { signature, slot } = transaction;
      log.error({ signature, slot, error: errorText(error) }, "a transaction cannot be turned into messages");
      return [];
    }
  };

  const publish = async (prepared: Prepared, signal: AbortSignal): Promise<void> => {
    const { notification, transaction, names, slot, index } = prepared;
    const { receivedAt, source } = notification;
    const late = last !== null && (await isBefore(prepared, last, blocks, signal));
    if (late) metrics.late.inc({ source });
    else last = prepared;
    // Who relies on `live` relies on the order.
    const origin = late && notification.origin === "live" ? "backfill" : notification.origin;
    const { signature } = transaction;
    const { kind } = transaction.summary;
    metrics.transactions.inc({
      kind: kindLabel(kind),
      status: transaction.error === null ? "confirmed" : "failed",
    });
    const messages = understand(transaction, names, origin, index);
    log.debug({ signature, slot, kind, origin, messages: messages.length }, "transaction");
    const acknowledged = (): void => {
      published += 1;
      // Whoever follows it further must have it before its slot counts as finished.
      onPublished(transaction, origin);
      unfinished.end(notification.slot);
      metrics.publishedTransactions.inc({ origin });
      newestSlot = Math.max(newestSlot, transaction.slot);
      metrics.slot.set({ of: "published" }, newestSlot);
      metrics.publishDelaySeconds.observe({ origin }, (performance.now() - receivedAt) / 1_000);
    };
    await publisher.push({ messages, acknowledged }, signal);
  };

  return {
    take(notification, content) {
      if (closed) return;
      if (!lost.found(notification)) unfinished.begin(notification.slot);
      line.push(notification, content);
    },
    admits: (notification) =>
      !asking.doubts(notification) || line.aloneOf(notification.endpoint ?? "") < ALLOWANCE,
    vouch: (signature, endpoint) => line.vouch(signature, endpoint),
    doubt(endpoint) {
      leaveWaiting(endpoint);
      asking.doubt(endpoint);
    },
    room: (signal) => line.room(signal),
    async run(signal) {
      const stopClosing = whenAborted(signal, () => line.close());
      await inSlotOrder({
        take: () => (signal.aborted ? Promise.resolve(null) : line.take()),
        slotOf: ({ notification }) => notification.slot,
        work: (taken) => prepare(taken, signal),
        sort: (results) => inChainOrder(results, blocks, signal),
        consume: (prepared) => publish(prepared, signal),
        window,
      });
      stopClosing();
    },
    close() {
      closed = true;
      line.close();
    },
    get published() {
      return published;
    },
    get waiting() {
      return line.size;
    },
    get unfinished() {
      return unfinished.size;
    },
    get oldestUnfinished() {
      return unfinished.oldest;
    },
    get fetchingMs() {
      return asking.longestMs;
    },
    isLost: (signature) => lost.has(signature),
    followed: (addresses) => giveUp(lost.followed(addresses)),
    audited: (address, upTo) => giveUp(lost.audited(address, upTo)),
  };
}
