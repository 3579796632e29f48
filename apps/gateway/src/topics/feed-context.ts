import type { Broker } from "@commcoin/broker";
import type { Logger } from "@commcoin/service/telemetry";
import type { Fanout } from "../transport/socket.ts";
import type { HistoryReads } from "./history-reads.ts";
import type { ConcurrencyLimiter } from "./concurrency-limiter.ts";

/** A connection that wants the newest values only when it does not keep up. */
export interface ConflatedMember {
  /**
   * Called before a frame is published. Leaves the live frames, from this one on, if too much waits for the client.
   * @returns whether it left.
   */
  conflateIfSlow(): boolean;
}

/** Where a feed stands, and how many sockets get what is published. */
export interface FeedStand {
  readonly topic: string;
  readonly epoch: string;
  readonly offset: number;
  readonly subscribers: number;
}

/** What a feed tells about itself, for metrics and for tracing. */
export interface FeedObserver {
  /** Called with each frame that was handed to sockets. */
  delivered(feed: FeedStand, frame: Uint8Array): void;
  /** A slow client gets the newest values only, for a while. */
  conflated(): void;
  gapFilled(frames: number): void;
  reset(reason: ResetReason): void;
}

/** The topic started a new epoch, or the frames of a hole are gone. */
export const RESET_REASONS = ["epoch_changed", "trimmed"] as const;
export type ResetReason = (typeof RESET_REASONS)[number];

export interface FeedContext {
  readonly broker: Broker;
  /** For the past that clients ask for; what is missing of the present is read beside it. */
  readonly reads: Pick<HistoryReads, "readToJoin">;
  /** For topics that are new here: the broker gets them a few at a time. */
  readonly startLimiter: ConcurrencyLimiter;
  readonly fanout: Fanout;
  readonly observer: FeedObserver;
  readonly log: Logger;
  readonly now: () => number;
  /** Aborts when the gateway stops. */
  readonly signal: AbortSignal;
}
