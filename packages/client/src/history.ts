import { onAbort } from "./abort.ts";
import type { Notice } from "./events.ts";
import { HISTORY_LIMIT } from "./limits.ts";
import type { EventFrame, Position, Topic, UnrecoveredReason, UpFrame } from "./protocol.ts";
import { SubscriptionError } from "./subscription-error.ts";

export interface HistoryOptions {
  /** What came after this position, the oldest first. Without it: the newest messages. */
  readonly since?: Position | undefined;
  /** At most so many, 1 to 300. By default 300. */
  readonly limit?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface HistoryPage<Message> {
  /** The oldest first. */
  readonly messages: readonly Message[];
  /** Where the page ends: `since` of the next page, or of a subscription that goes on from here. */
  readonly position: Position;
  /** There are newer messages. */
  readonly hasMore: boolean;
  /** False when messages after `since` are gone; then the page is empty. */
  readonly recovered: boolean;
  /** Why they are gone. */
  readonly reason?: UnrecoveredReason | undefined;
}

export interface History {
  /** Rejects with a `SubscriptionError` when the server refuses or the client is closed, or with the signal's reason. */
  read(topic: Topic, options: HistoryOptions): Promise<HistoryPage<EventFrame>>;
  /** Takes answers; asks again after a reconnect. */
  notify(notice: Notice): void;
}

type HistoryRequest = Extract<UpFrame, { readonly type: "history" }>;

interface Request {
  readonly frame: HistoryRequest;
  readonly resolve: (page: HistoryPage<EventFrame>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Reads past messages: one request after the other, so that many of them are no burden to the connection.
 * @param send where there is a connection.
 */
export function createHistory(send: (frame: HistoryRequest) => void): History {
  const requests = new Set<Request>();
  let asked: Request | undefined;
  let count = 0;

  /** Sends the request whose turn it is, unless this connection has it already. */
  function ask(): void {
    const [next] = requests;
    if (next && next !== asked) send(next.frame);
    asked = next;
  }

  return {
    async read(topic, { since, limit = HISTORY_LIMIT, signal }) {
      signal?.throwIfAborted();
      count += 1;
      const frame: HistoryRequest = { type: "history", id: `${count}`, data: { topic, since, limit } };
      let forget!: () => void;
      let request!: Request;
      try {
        return await new Promise<HistoryPage<EventFrame>>((resolve, reject) => {
          request = { frame, resolve, reject };
          requests.add(request);
          forget = onAbort(signal, () => reject(signal?.reason as Error));
          ask();
        });
      } finally {
        forget();
        requests.delete(request);
        ask();
      }
    },
    notify(notice) {
      if (notice.type === "state") {
        const { state, reason } = notice;
        asked = undefined;
        if (state === "connected") ask();
        if (state !== "closed") return;
        for (const { frame, reject } of requests)
          reject(new SubscriptionError(frame.data.topic, state, `${reason}`));
      } else if (notice.type === "answer" && asked && notice.frame.id === asked.frame.id) {
        const { type, data } = notice.frame;
        if (type === "error") {
          asked.reject(new SubscriptionError(asked.frame.data.topic, data.code, data.message));
          return;
        }
        const { epoch, offset, recovered, reason, messages } = data;
        const end = messages.at(-1)?.offset ?? offset;
        asked.resolve({
          messages,
          position: { epoch, offset: end },
          hasMore: end < offset,
          recovered,
          reason,
        });
      }
    },
  };
}
