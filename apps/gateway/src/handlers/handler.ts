import type { RequestId, UpFrame, UpType } from "@commcoin/protocol";
import type { Connection } from "../connections/connection.ts";
import type { Refuse } from "../connections/refuse.ts";
import type { Memberships } from "../membership/memberships.ts";
import type { HistoryReads } from "../topics/history-reads.ts";
import type { TopicFeeds } from "../topics/topic-feeds.ts";
import type { TopicQuota } from "../topics/topic-quota.ts";
import type { HistoryQueue } from "./history-queue.ts";

/** What handlers work with. */
export interface HandlerContext {
  readonly memberships: Memberships;
  readonly feeds: TopicFeeds;
  readonly reads: HistoryReads;
  readonly historyQueue: HistoryQueue;
  /** What may wait for one client. */
  readonly maxBackpressureBytes: number;
  readonly quota: TopicQuota;
  readonly extraTopics: ReadonlySet<string>;
  readonly maxSubscriptions: number;
  /** Accounts that all clients together can have watched. */
  readonly maxAccounts: number;
  /** Takes a token; null where tokens are not verified. */
  readonly authenticate: ((connection: Connection, id: RequestId | undefined, token: string) => void) | null;
  /** Answers a request with an error frame. */
  readonly refuse: Refuse;
}

/** Answers one request. What it throws is answered as `internal`. */
export type Handler<Type extends UpType> = (
  context: HandlerContext,
  connection: Connection,
  frame: Extract<UpFrame, { type: Type }>,
) => void | Promise<void>;
