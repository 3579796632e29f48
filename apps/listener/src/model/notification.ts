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
  untilCapacity(signal: AbortSignal): Promise<void>;
}

/** Hears of a transaction that was found, and that no stream had reported. */
export type MissedTransaction = (
  found: Pick<SignatureNotification, "signature" | "address" | "source">,
) => void;
