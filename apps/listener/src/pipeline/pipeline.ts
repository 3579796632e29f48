import type { Logger } from "@commcoin/service/telemetry";
import type { DecodedTransaction } from "../decode/decoded-transaction.ts";
import type { DecodeTransaction } from "../decode/decode-transaction.ts";
import type { OutgoingMessage } from "../events/outgoing.ts";
import type { NameLookup } from "../metadata/name-lookup.ts";
import { kindLabel, type ListenerMetrics } from "../metrics.ts";
import type { NodeRpc } from "../rpc/node-rpc.ts";
import type { Intake, SignatureNotification } from "../sources/source.ts";
import { readEnvelope } from "./envelope.ts";
import { fetchTransaction } from "./fetch-transaction.ts";
import { inOrder } from "./in-order.ts";
import type { Publisher } from "./publisher.ts";
import { createSeenWindow } from "./seen-window.ts";
import { createWaitingLine } from "./waiting-line.ts";

export interface PipelineOptions {
  readonly rpc: NodeRpc;
  readonly decode: DecodeTransaction;
  readonly names: NameLookup;
  /** What a transaction means. Called in the order of publication. */
  readonly interpret: (
    transaction: DecodedTransaction,
    origin: SignatureNotification["origin"],
  ) => readonly OutgoingMessage[];
  readonly publisher: Publisher;
  /** Transactions fetched ahead of the one that is published next. */
  readonly window: number;
  /** Called with true when sources bring more than can be taken, and with false when they may go on. */
  readonly onFull: (full: boolean) => void;
  readonly log: Logger;
  readonly metrics: ListenerMetrics;
}

/** From signatures to acknowledged messages: fetch, decode, interpret, publish; each signature once and in order. */
export interface Pipeline extends Intake {
  /** Runs until `close` was called and everything is handed on, or the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Takes nothing more. */
  close(): void;
  /** Transactions whose messages were acknowledged. */
  readonly published: number;
  readonly size: number;
}

/** Signatures that wait to be fetched; over it, sources are held. */
const CAPACITY = 10_000;
/** Longer than any repetition by a source or a catch-up; the broker recognises older ones by their event ids. */
const SEEN_SIGNATURES = 100_000;

interface Prepared {
  readonly notification: SignatureNotification;
  /** null when there is nothing to publish. */
  readonly transaction: DecodedTransaction | null;
}

export function createPipeline({
  rpc,
  decode,
  names,
  interpret,
  publisher,
  window,
  onFull,
  log,
  metrics,
}: PipelineOptions): Pipeline {
  const line = createWaitingLine<SignatureNotification>({ capacity: CAPACITY, onFull });
  const seen = createSeenWindow(SEEN_SIGNATURES);
  let published = 0;
  let newestSlot = 0;
  let closed = false;

  const fetch = async (notification: SignatureNotification, signal: AbortSignal): Promise<unknown> => {
    const { signature, slot, source } = notification;
    const startedAt = performance.now();
    const fetched = await fetchTransaction(rpc, signature, {
      signal,
      onNull: () => metrics.nullFetches.inc(),
      onTrouble: (error, retryInMs) =>
        log.warn({ retry_in_ms: Math.round(retryInMs), error: String(error) }, "cannot fetch transactions"),
    });
    if (fetched === "aborted") return null;
    if ("json" in fetched) {
      metrics.fetchSeconds.observe((performance.now() - startedAt) / 1_000);
      return fetched.json;
    }
    metrics.lostFetches.inc();
    seen.forget(signature);
    log.error(
      { signature, slot, source, reason: fetched.unavailable },
      "an announced transaction cannot be had",
    );
    return null;
  };

  const withNames = async (
    transaction: DecodedTransaction,
    signal: AbortSignal,
  ): Promise<DecodedTransaction> => {
    if (transaction.creates.every(({ metadata }) => metadata !== null)) return transaction;
    const creates = transaction.creates.map(async (creation) => {
      if (creation.metadata !== null) return creation;
      const found = await names.find(creation.mint, signal);
      return found === null ? creation : { ...creation, metadata: { mint: creation.mint, ...found } };
    });
    return { ...transaction, creates: await Promise.all(creates) };
  };

  const read = ({ signature, slot }: SignatureNotification, json: unknown): DecodedTransaction | null => {
    try {
      return decode(json);
    } catch (error) {
      metrics.decodeErrors.inc();
      log.error({ signature, slot, error: String(error) }, "a transaction cannot be decoded");
    }
    try {
      return readEnvelope(json);
    } catch {
      return null;
    }
  };

  const prepare = async (notification: SignatureNotification, signal: AbortSignal): Promise<Prepared> => {
    const json = await fetch(notification, signal);
    if (json === null) return { notification, transaction: null };
    const transaction = read(notification, json);
    return { notification, transaction: transaction === null ? null : await withNames(transaction, signal) };
  };

  const publish = async ({ notification, transaction }: Prepared, signal: AbortSignal): Promise<void> => {
    if (transaction === null) return;
    const { origin, receivedAt } = notification;
    const { signature } = transaction;
    const { kind } = transaction.summary;
    metrics.transactions.inc({
      kind: kindLabel(kind),
      status: transaction.error === null ? "confirmed" : "failed",
    });
    const messages = interpret(transaction, origin);
    log.debug({ signature, slot: transaction.slot, kind, origin, messages: messages.length }, "transaction");
    const acknowledged = (): void => {
      published += 1;
      newestSlot = Math.max(newestSlot, transaction.slot);
      metrics.slot.set({ of: "published" }, newestSlot);
      metrics.publishDelaySeconds.observe({ origin }, (performance.now() - receivedAt) / 1_000);
    };
    await publisher.push({ messages, acknowledged }, signal);
  };

  return {
    offer(notification) {
      const { source, origin, signature } = notification;
      if (closed) return;
      metrics.notifications.inc({ source, origin });
      if (seen.add(signature)) line.push(notification);
      else metrics.duplicates.inc({ source });
    },
    room: (signal) => line.room(signal),
    async run(signal) {
      const abort = (): void => line.close();
      signal.addEventListener("abort", abort);
      await inOrder({
        take: () => (signal.aborted ? Promise.resolve(null) : line.take()),
        work: (notification) => prepare(notification, signal),
        consume: (prepared) => publish(prepared, signal),
        window,
      });
      signal.removeEventListener("abort", abort);
    },
    close() {
      closed = true;
      line.close();
    },
    get published() {
      return published;
    },
    get size() {
      return line.size;
    },
  };
}
