import type { Position } from "@commcoin/protocol";
import type { ControlChannel } from "./control.ts";
import type { Damaged } from "./damage.ts";
import type { Demand } from "./demand.ts";
import type { Leases } from "./leases.ts";
import type { Registry } from "./registry.ts";
import type { UserPresence } from "./user-presence.ts";
import type { StateStore } from "./state-store.ts";

/** A message on its way into a topic. */
export interface OutgoingMessage {
  readonly topic: string;
  readonly type: string;
  /** Idempotency key: the same id is published to a topic once, however often it is sent. */
  readonly id: string;
  /** Unix milliseconds; the time of publishing by default. Ignored for a message that was published before. */
  readonly ts?: number;
  /** Becomes the frame's `data`. */
  readonly data: unknown;
}

export interface PublishOptions {
  /**
   * Fencing number of the publisher's lease. A topic that has seen a higher one refuses the message, so that a holder
   * that was paused and lost its lease cannot publish anything stale. Without it nothing is refused: for publishers
   * that need no lease.
   */
  readonly fence?: number;
}

/** Where a message stands in its topic, and whether it had been published before. */
export interface Published extends Position {
  readonly duplicate: boolean;
}

/** A message as it comes out of a topic, ready to be sent to clients. */
export interface Delivery extends Position {
  /** The complete JSON text of the event frame, UTF-8. Not to be changed: it may be shared. */
  readonly frame: Uint8Array;
}

export interface HistoryQuery {
  /** Only what came after this position; from the oldest message kept by default. */
  readonly since?: Position;
  /** Only the newest n of those. */
  readonly last?: number;
  /** At most this many, the oldest first. */
  readonly limit?: number;
  /** Only what came up to this offset. */
  readonly until?: number;
  /**
   * At most so many bytes of frames, but one frame at least. What does not fit is left out at the end; with `last`, at the
   * beginning. Long reads are made in pieces of this size, because Redis does nothing else while it answers one.
   */
  readonly maxBytes?: number;
}

export type Unrecovered = "epoch_changed" | "trimmed";

/** A part of a topic's past, and where the topic stood at the same instant. */
export interface History {
  readonly position: Position;
  /** In order, without holes. Empty where `unrecovered` says that the part asked for is gone. */
  readonly deliveries: readonly Delivery[];
  /**
   * Set when `since` was given and not everything after it can be told any more. `epoch_changed` also when `since` is
   * ahead of the topic: the broker lost its newest messages.
   */
  readonly unrecovered: Unrecovered | null;
  /** Whether there are newer messages than the last of `deliveries`, or than those that were asked for. */
  readonly more: boolean;
}

export interface TopicSubscription {
  /** Everything after it is delivered, nothing up to it is. */
  readonly position: Position;
  /** Nothing is delivered once this was called. */
  unsubscribe(): void;
}

/** What is known of the way that live messages take into this process. */
export interface DeliveryProof {
  /** Milliseconds since something last arrived, on the connection where that is longest ago. */
  readonly ageMs: number;
  /** How often a connection was built anew because what was published did not arrive on it. */
  readonly rebuilds: number;
}

/** How many messages a topic keeps and for how long; and for how long ids are remembered. */
export interface Retention {
  readonly maxMessages: number;
  readonly maxAgeMs: number;
}

/**
 * Carries messages between services. Guarantees, which both implementations prove with one test suite:
 * - Positions: each topic counts its messages 1, 2, 3 … within an epoch; the number is assigned where the message is
 *   stored, so that all publishers and subscribers agree on one order.
 * - Idempotency: an id is published to a topic once; publishing it again returns the first position. Remembered for at
 *   least the topic's `maxAgeMs`.
 * - Live delivery is in order of offset and never twice, but messages may be missing after a connection was lost: the
 *   next offset shows it, and `history` has what is missing.
 * - History is exact: no holes, and the position is of the same instant.
 */
export interface Broker {
  readonly control: ControlChannel;
  readonly registry: Registry;
  readonly leases: Leases;
  readonly users: UserPresence;
  readonly demand: Demand;
  readonly states: StateStore;

  /**
   * Connects. May be called again, by services that share a broker.
   * @throws {StartError} saying what to do, when the broker cannot be reached.
   */
  start(): Promise<void>;

  /**
   * Publishes messages, those of one topic in the order given. Resolves when all are stored.
   * @throws {InvalidMessageError} when a message can never be published; none of them is stored.
   * @throws {FencedError} when a topic has seen a higher fencing number; the messages for other topics may be stored.
   * @throws {BrokerUnavailableError} when it is not known which messages were stored; publishing the same ids again
   * is safe.
   */
  publish(messages: readonly OutgoingMessage[], options?: PublishOptions): Promise<readonly Published[]>;

  /**
   * Delivers what is published from now on. `deliver` is called one message at a time, for the first time in a turn
   * of the event loop after the one in which the promise was fulfilled, and must not throw.
   * @throws {BrokerUnavailableError} when the topic cannot be subscribed to at present; nothing is left behind.
   */
  subscribe(topic: string, deliver: (delivery: Delivery) => void): Promise<TopicSubscription>;

  /**
   * Reads a part of a topic's past. Long and many reads keep neither live delivery nor heartbeats from anything, as far as
   * the broker's own connections are concerned.
   * @throws {BrokerUnavailableError}
   */
  history(topic: string, query?: HistoryQuery): Promise<History>;

  /** Where topics stand, in the order asked. A topic nobody published to has offset 0. */
  positions(topics: readonly string[]): Promise<readonly Position[]>;

  /** null when messages flow; else a sentence that says what is wrong. */
  problem(): string | null;

  /**
   * What the broker refuses to store although messages flow, as a sentence: a full one, say. Null while it stores what it is
   * given, as far as was seen within the last seconds.
   */
  refusal(): string | null;

  /**
   * Tells when `problem()` changes. Once it is null again all subscriptions are live; what was published in between
   * was not delivered, and comparing positions shows it.
   * @returns a function that ends it.
   */
  watch(listener: (problem: string | null) => void): () => void;

  /** Absent where messages do not leave the process and need no proof. */
  readonly proof?: () => DeliveryProof;

  /** How often something was found damaged or foreign and was dropped or begun anew. Absent where nobody else writes. */
  readonly damages?: () => ReadonlyMap<Damaged, number>;

  /** Ends all subscriptions and connections; to be called by whoever created the broker. */
  close(): Promise<void>;
}

export class FencedError extends Error {
  constructor(topic: string) {
    super(`A newer holder of the lease publishes to ${topic}; this one must stop.`);
    this.name = "FencedError";
  }
}

export class BrokerUnavailableError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "BrokerUnavailableError";
  }
}
