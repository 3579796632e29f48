import type { Broker, History, HistoryQuery } from "@commcoin/broker";
import { ConcurrencyLimiter } from "./concurrency-limiter.ts";

/** Of frames in one answer of the broker; a longer past is read in several. Redis takes about a millisecond for it. */
export const READ_BYTES = 524_288;
/** So many questions of clients wait in the queue, for each that is read at a time: some tenths of a second. */
const WAITING_PER_READ = 32;

/** Reads of the past on behalf of clients: bounded in number, whoever asks. */
export interface HistoryReads {
  /**
   * Does something for a client's question about the past as soon as few others are under way.
   * @throws {BusyError} when too many wait already.
   */
  answer<Result>(work: () => Promise<Result>): Promise<Result>;
  /** A part of a topic's past, within `answer`. Equal queries at the same time are one read. */
  read(topic: string, query: HistoryQuery): Promise<History>;
  /** The same for a connection that wants to join: before all questions. */
  readToJoin(topic: string, query: HistoryQuery): Promise<History>;
}

export function createHistoryReads(broker: Pick<Broker, "history">, atOnce: number): HistoryReads {
  const limiter = new ConcurrencyLimiter(atOnce, atOnce * WAITING_PER_READ);
  const reads = new Map<string, Promise<History>>();

  const read: HistoryReads["read"] = (topic, query) => {
    const { since, last, limit, until, maxBytes } = query;
    const key = JSON.stringify([topic, since?.epoch, since?.offset, last, limit, until, maxBytes]);
    const running = reads.get(key);
    if (running !== undefined) return running;
    const reading = broker.history(topic, query).finally(() => reads.delete(key));
    reads.set(key, reading);
    return reading;
  };
  return {
    answer: (work) => limiter.run(work),
    read,
    readToJoin: (topic, query) => limiter.run(() => read(topic, query), { urgent: true }),
  };
}
