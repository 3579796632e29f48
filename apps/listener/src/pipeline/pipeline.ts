import { whenAborted } from "@commcoin/service/lifecycle";
import type { Content, SignatureNotification } from "../model/notification.ts";
import { createUnfinishedSlots } from "../progress/unfinished-slots.ts";
import type { Credit } from "../sources/credit.ts";
import type { ThrottledLog } from "../support/throttled-log.ts";
import { createBlockOrder } from "./block-order.ts";
import { inChainOrder } from "./chain-place.ts";
import { inSlotOrder } from "./in-slot-order.ts";
import { createLostTransactions } from "./lost-transactions.ts";
import { createNodeTrust, type NodeTrustOptions } from "./node-trust.ts";
import { createPrepare, type PrepareOptions } from "./prepare.ts";
import { createPublishInOrder, type PublishInOrderOptions } from "./publish-in-order.ts";
import { createSignatureLine } from "./signature-line.ts";
import { createTransactionAsking, type TransactionAskingOptions } from "./transaction-asking.ts";
import { createUnavailable, type UnavailableOptions } from "./unavailable.ts";

export interface PipelineOptions
  extends
    Omit<NodeTrustOptions, "credit">,
    Omit<PrepareOptions, "asking" | "unavailable" | "line" | "unfinished" | "isClosed" | "metrics">,
    Omit<PublishInOrderOptions, "blocks" | "unfinished">,
    Pick<UnavailableOptions, "seen" | "onDisowned"> {
  /** By the urgency of what is fetched. */
  readonly rpc: TransactionAskingOptions["rpc"];
  /** What nodes are worth whose streams announced something. */
  readonly credit: Credit;
  /** Transactions fetched ahead of the one that is published next. */
  readonly window: number;
  /** Called with true when sources bring more than can be taken, and with false when they may go on. */
  readonly onFull: (full: boolean) => void;
  readonly throttledLog: ThrottledLog;
}

/** From signatures to acknowledged messages: fetch, decode, interpret, publish; in the order of slots. */
export interface Pipeline {
  /** Takes a signature, always and at once. Each must be brought once. It is fetched where its content is not known. */
  take(notification: SignatureNotification, content?: Content): void;
  /** Whether something that one node alone announced can be asked for: of a node whose word is worth little, little. */
  admits(notification: SignatureNotification): boolean;
  /** A node announced it again. */
  vouch(signature: string, endpoint: string | null): void;
  /** A node is doubted from now on: what it alone announced, and what waits yet, is left to others and to audits. */
  doubt(endpoint: string): void;
  /** Resolves when there is room for many more, or when the signal aborts. */
  untilCapacity(signal: AbortSignal): Promise<void>;
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

export function createPipeline(options: PipelineOptions): Pipeline {
  const { rpc, window, onFull, throttledLog } = options;
  const line = createSignatureLine({ capacity: CAPACITY, onFull });
  const unfinished = createUnfinishedSlots();
  const lost = createLostTransactions(unfinished);
  const blocks = createBlockOrder(rpc.live, throttledLog);
  let closed = false;
  const trust = createNodeTrust(options);
  const unavailable = createUnavailable({ ...options, trust, unfinished, lost });
  const asking = createTransactionAsking({ ...options, trust, line, unavailable });
  const prepare = createPrepare({
    ...options,
    asking,
    unavailable,
    line,
    isClosed: () => closed,
  });
  const ordered = createPublishInOrder({ ...options, blocks, unfinished });
  const giveUp = (signatures: readonly string[]): void => {
    const fields = { signature: signatures[0], transactions: signatures.length };
    if (signatures.length > 0) throttledLog.warn(fields, "gave up announced transactions");
  };

  return {
    take(notification, content) {
      if (closed) return;
      if (!lost.found(notification)) unfinished.begin(notification.slot);
      line.push(notification, content);
    },
    admits: (notification) =>
      !trust.doubts(notification) || line.aloneOf(notification.endpoint ?? "") < ALLOWANCE,
    vouch: (signature, endpoint) => line.vouch(signature, endpoint),
    doubt: (endpoint) => asking.doubt(endpoint),
    untilCapacity: (signal) => line.untilCapacity(signal),
    async run(signal) {
      const stopClosing = whenAborted(signal, () => line.close());
      await inSlotOrder({
        take: () => (signal.aborted ? Promise.resolve(null) : line.take()),
        slotOf: ({ notification }) => notification.slot,
        work: (taken) => prepare(taken, signal),
        sort: (results) => inChainOrder(results, blocks, signal),
        consume: (prepared) => ordered.publish(prepared, signal),
        window,
      });
      stopClosing();
    },
    close() {
      closed = true;
      line.close();
    },
    get published() {
      return ordered.published;
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
