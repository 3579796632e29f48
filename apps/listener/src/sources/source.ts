import type { StreamState } from "@commcoin/broker";
import type { Lane } from "../model/lane.ts";
import type { Intake, SourceName } from "../model/notification.ts";

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
