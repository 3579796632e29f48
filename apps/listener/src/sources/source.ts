import type { StreamState } from "@commcoin/broker";
import type { DecodedTransaction } from "../decode/decoded-transaction.ts";

/** Which stream a transaction was found in; also a metric label. */
export type SourceName = "program" | "token" | "account";

/** A node says that a transaction is confirmed. What it did has to be asked for. */
export interface SignatureNotification {
  readonly signature: string;
  readonly slot: number;
  /** The address that is followed and that the transaction mentions. */
  readonly address: string;
  /** null when the transaction succeeded. */
  readonly err: unknown;
  readonly source: SourceName;
  /** The node whose stream brought it, or whose gap was filled; null for an audit's find. */
  readonly endpoint: string | null;
  /** `backfill` when it was asked for after a gap, `audit` when a check found that nobody had reported it. */
  readonly origin: "live" | "backfill" | "audit";
  /** When it came in, in milliseconds that only grow. */
  readonly receivedAt: number;
}

/** What a transaction did, where whoever found it has it already. */
export interface Content {
  readonly transaction: DecodedTransaction;
  /** Its place in the block. */
  readonly index: number;
}

/** Where sources bring what they find. */
export interface Intake {
  /** Takes a notification, always and at once; repetitions are no harm. */
  offer(notification: SignatureNotification, content?: Content): void;
  /** Resolves when there is room for many more, or when the signal aborts. */
  room(signal: AbortSignal): Promise<void>;
}

/** One address that a source follows. */
export interface Lane {
  readonly source: SourceName;
  readonly address: string;
  /** The first slot that matters. */
  readonly fromSlot: number;
  /** Whether it is a coin, followed because CommCoin created it. */
  readonly coin: boolean;
}

export interface SourceStatus {
  readonly name: SourceName;
  /** Addresses that are followed. */
  readonly wanted: number;
  /** Of them, those that the listener is not ready without. */
  readonly needed: number;
  /** Of them, those that one stream at least is live of. */
  readonly live: number;
  /** Addresses that are live, by node. */
  readonly streams: readonly {
    readonly endpoint: string;
    readonly state: StreamState;
    readonly live: number;
  }[];
}

/**
 * A stream of signatures, whatever carries it. A source reconnects by itself, and brings what it missed meanwhile
 * before it goes on.
 */
export interface Source {
  readonly name: SourceName;
  /** Runs until the signal aborts; never rejects. */
  run(intake: Intake, signal: AbortSignal): Promise<void>;
  /** What is followed, the oldest first. */
  lanes(): readonly Lane[];
  status(): SourceStatus;
}
