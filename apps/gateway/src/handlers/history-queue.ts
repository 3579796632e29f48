import type { Connection } from "../connections/connection.ts";
import type { HistoryReads } from "../topics/history-reads.ts";
import { BusyError } from "../topics/concurrency-limiter.ts";

/** The next answer waits while so many bytes wait for the client: one that does not read gets no second one. */
const ANSWER_WINDOW_BYTES = 65_536;

/** Answers requests for history: those of a connection one after the other, those of all connections a few at a time. */
export interface HistoryQueue {
  /**
   * Runs `answer` when it is the request's turn; not at all once the connection is closed.
   * @throws {BusyError} when too many requests wait.
   */
  serve(connection: Connection, answer: () => Promise<void>): Promise<void>;
  /** To be called when the socket drained, and when it is closed. */
  resume(connection: Connection): void;
  /** Requests that one connection may have under way. */
  readonly maxRequests: number;
}

export function createHistoryQueue(reads: Pick<HistoryReads, "answer">, maxRequests: number): HistoryQueue {
  const isRead = ({ closed, socket }: Connection): boolean =>
    closed || socket.buffered() <= ANSWER_WINDOW_BYTES;

  return {
    maxRequests,
    async serve(connection, answer) {
      const line = (connection.history ??= { requests: 0, last: Promise.resolve(), goOn: null });
      if (line.requests >= maxRequests) throw new BusyError();
      const before = line.last;
      const serving = async (): Promise<void> => {
        await before;
        if (!isRead(connection)) await new Promise<void>((resolve) => (line.goOn = resolve));
        if (connection.closed) return;
        await reads.answer(async () => {
          if (!connection.closed) await answer();
        });
      };
      line.requests += 1;
      const served = serving();
      line.last = served.catch(() => {});
      try {
        await served;
      } finally {
        line.requests -= 1;
        if (line.requests === 0) connection.history = null;
      }
    },
    resume(connection) {
      const { history } = connection;
      if (history === null || history.goOn === null || !isRead(connection)) return;
      history.goOn();
      history.goOn = null;
    },
  };
}
