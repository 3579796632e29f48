import type { Logger } from "@commcoin/service/telemetry";
import type { DecodedTransaction } from "../decode/decoded-transaction.ts";
import type { OutgoingMessage } from "../events/outgoing.ts";
import { kindLabel, type ListenerMetrics } from "../metrics/listener-metrics.ts";
import type { SignatureNotification } from "../model/notification.ts";
import type { UnfinishedSlots } from "../progress/unfinished-slots.ts";
import { errorText } from "../support/error-text.ts";
import type { BlockOrder } from "./block-order.ts";
import { isBefore, type Placed } from "./chain-place.ts";
import type { Names, Prepared } from "./prepare.ts";
import type { Publisher } from "./publisher.ts";

/** Tells what a transaction means. Called in the order of publication. */
export type Interpret = (
  transaction: DecodedTransaction,
  names: Names,
  origin: SignatureNotification["origin"],
  /** Place in the block; null when no node says it. */
  index: number | null,
) => readonly OutgoingMessage[];

export interface PublishInOrderOptions {
  readonly interpret: Interpret;
  readonly publisher: Pick<Publisher, "push">;
  readonly blocks: BlockOrder;
  /** The newest slot of which an earlier publisher published anything; -1 when there is none. */
  readonly publishedSlot: number;
  readonly unfinished: Pick<UnfinishedSlots, "end">;
  /** Called once everything that follows from a transaction was acknowledged. */
  readonly onPublished: (transaction: DecodedTransaction, origin: SignatureNotification["origin"]) => void;
  readonly log: Logger;
  readonly metrics: ListenerMetrics;
}

/** Turns transactions into messages, one after the other, and hands them to the publisher; tells which come late. */
export interface PublishInOrder {
  /** Resolves when there is room for the next one, or the signal aborts. Never rejects. */
  publish(prepared: Prepared, signal: AbortSignal): Promise<void>;
  /** Transactions whose messages were acknowledged. */
  readonly published: number;
}

export function createPublishInOrder({
  interpret,
  publisher,
  blocks,
  publishedSlot,
  unfinished,
  onPublished,
  log,
  metrics,
}: PublishInOrderOptions): PublishInOrder {
  let published = 0;
  let newestSlot = 0;
  /** What stands last on the chain of all that was handed to the publisher. */
  let last: Placed | null =
    publishedSlot < 0 ? null : { signature: "", slot: publishedSlot, index: Infinity };

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

  return {
    async publish(prepared, signal) {
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
    },
    get published() {
      return published;
    },
  };
}
