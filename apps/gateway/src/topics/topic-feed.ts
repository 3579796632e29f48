import {
  BrokerUnavailableError,
  sleepOrBack,
  type Delivery,
  type History,
  type TopicSubscription,
} from "@commcoin/broker";
import type { Position } from "@commcoin/protocol";
import { createBackoff } from "@commcoin/service/lifecycle";
import { resetFrame } from "../frames/write-frames.ts";
import type { Socket } from "../transport/socket.ts";
import { ConflatedMembers } from "./conflated-members.ts";
import type { FeedContext, ResetReason } from "./feed-context.ts";
import { HistoryBudget, TOPIC_MAX_BYTES, type HistoryMemory } from "./history-budget.ts";
import { READ_BYTES } from "./history-reads.ts";
import { RecentFrames } from "./recent-frames.ts";
import { planReplay, REPLAY_LIMIT, type ReplayPlan, type ReplayRequest } from "./replay-plan.ts";
import { createStallLog } from "./stall-log.ts";

/** Frames that arrive while a hole is filled wait; when there are more, they are read from history like the hole. */
const MAX_WAITING = 4_096;
/** Frames per read when a hole is filled, so that a long one does not arrive in one piece. */
const FILL_PAGE = 1_000;
/** One read of this many covers the default retention of most topics: a reconnect storm needs no second one. */
const BACKFILL_FRAMES = 1_000;
/** Frames that the broker may be ahead of this gateway while it is read. */
const BACKFILL_MARGIN = 500;
/** What was read for somebody who was away stays in memory for the others who were away as well. */
const BACKFILL_RETENTION_MS = 10_000;
/** Of what a topic's memory does not hold, for one connection at a time: two of its windows. */
const PAGE_BYTES = 131_072;
/** What was seen to be in the broker still is, for as long as it takes to begin a replay. */
const KEPT_FOR_MS = 1_000;

/**
 * One topic as this gateway sees it: a position, and the promise that everything after it is published to the sockets
 * that joined the topic, once and in order. `TopicFeeds` keeps one per topic with local subscribers.
 *
 * The next frame must have the next offset. A smaller one was seen before and is dropped. A larger one, or one of another
 * epoch, means that something is missing: live frames then wait while history is read from the position on. What history
 * cannot tell any more is announced with a `reset` frame.
 */
export class TopicFeed {
  readonly topic: string;
  readonly conflated = new ConflatedMembers();
  /** Made for somebody whom the server joined. */
  readonly isImplicit: boolean;
  /** Whether it waits to be subscribed to at the broker. */
  isQueued = false;
  /** When the position was last known to be the broker's. */
  verifiedAt: number;
  epoch = "";
  offset = 0;
  /** Grows with every reset: positions of different generations cannot be compared. */
  generation = 0;

  #members = 0;
  #subscribers = 0;
  #idleSince: number | null = null;
  readonly #context: FeedContext;
  readonly #recent = new RecentFrames(0);
  readonly #budget: HistoryBudget;
  #ready: Promise<void> | null = null;
  #state: "starting" | "live" | "filling" | "closed" = "starting";
  #waiting: Delivery[] = [];
  #overflowed = false;
  #filling: Promise<void> | null = null;
  #reading: Promise<void> | null = null;
  #subscription: TopicSubscription | null = null;
  #oldestKept = 1;
  #retainedUntil = 0;
  /** From which offset on everything is in the broker, whatever is in memory, and until when that is believed. */
  #kept = { from: Number.POSITIVE_INFINITY, until: 0 };

  constructor(topic: string, isImplicit: boolean, context: FeedContext, past: HistoryMemory) {
    this.#budget = new HistoryBudget(past);
    this.topic = topic;
    this.isImplicit = isImplicit;
    this.#context = context;
    this.verifiedAt = context.now();
  }

  /** Connections that are in the topic, or want to be. */
  get members(): number {
    return this.#members;
  }

  /** Sockets that receive what is published. */
  get subscribers(): number {
    return this.#subscribers;
  }

  addMember(): void {
    this.#members += 1;
    this.#idleSince = null;
  }

  removeMember(): void {
    this.#members -= 1;
    if (this.#members === 0) this.#idleSince = this.#context.now();
  }

  /** From now on the socket receives what is published. */
  addSubscriber(socket: Socket): void {
    this.#subscribers += 1;
    socket.join(this.topic);
  }

  /** See `Socket.leave` for what has to stand before it. */
  removeSubscriber(socket: Socket): void {
    this.#subscribers -= 1;
    socket.leave(this.topic);
  }

  /** Whether nobody has been in the topic for so long. */
  isIdle(forMs: number): boolean {
    return this.#idleSince !== null && this.#context.now() - this.#idleSince >= forMs;
  }

  /** Whether the position is known: from then on connections can join. */
  get live(): boolean {
    return this.#state === "live" || this.#state === "filling";
  }

  /** Whether something is missing, which is being read: subscribers get nothing meanwhile. */
  get filling(): boolean {
    return this.#state === "filling";
  }

  get recentBytes(): number {
    return this.#recent.bytes;
  }

  /** Subscribes at the broker. Resolves once the feed is live; the same promise for all who wait. */
  start(): Promise<void> {
    if (this.#ready === null) {
      // Topics without an argument are few, and most clients want one of them.
      const urgent = this.isImplicit || !this.topic.includes(":");
      this.isQueued = true;
      const starting = this.#context.startLimiter.run(() => this.#subscribe(), { urgent });
      this.#ready = starting.catch((error: unknown) => {
        this.#ready = null;
        throw error;
      });
    }
    return this.#ready;
  }

  /** What somebody who joins now gets, or null when `prepare` has to run first. */
  plan(request: ReplayRequest): ReplayPlan | null {
    const plan = this.planFromMemory(request);
    if (plan !== null || !this.live || this.#budget.hasCapacity) return plan;
    const { first } = this.#recent;
    // Nothing older can be held: the newest few are fewer then, and what is not in memory is read during the replay.
    if (request.last !== undefined) return this.planFromMemory({ last: this.offset + 1 - first });
    return this.#context.now() < this.#kept.until
      ? this.planFromMemory(request, Math.min(first, this.#kept.from))
      : null;
  }

  /** The same where all of it is in memory; null where something is not. */
  planFromMemory(request: ReplayRequest, first = this.#recent.first): ReplayPlan | null {
    if (!this.live) return null;
    const { epoch, offset } = this;
    return planReplay({ epoch, offset, first, oldestKept: this.#oldestKept }, request);
  }

  /** How many messages a client is ahead of this gateway: it saw some elsewhere that have not arrived here yet. */
  leadOf({ since }: ReplayRequest): number {
    if (!this.live || since === undefined || since.epoch !== this.epoch) return 0;
    return Math.max(0, since.offset - this.offset);
  }

  /**
   * Makes progress towards a plan: waits for the feed to be live, or reads older frames, together with everybody who
   * waits for the same. @throws when the broker cannot be read.
   */
  async prepare({ since, last }: ReplayRequest): Promise<void> {
    if (!this.live) return this.start();
    const missing = since === undefined ? (last ?? 0) : this.offset - since.offset;
    const count = Math.max(BACKFILL_FRAMES, Math.min(REPLAY_LIMIT, missing) + BACKFILL_MARGIN);
    this.#reading ??= this.#readOlder(count).finally(() => {
      this.#reading = null;
    });
    await this.#reading;
    if (since !== undefined && !this.#budget.hasCapacity && this.plan({ since }) === null)
      await this.#look(since);
  }

  frameAt(offset: number): Uint8Array | undefined {
    return this.#recent.at(offset);
  }

  /**
   * A piece of what came after an offset, as much as may wait for one client; none when it is gone.
   * @throws {BrokerUnavailableError}
   */
  async readAfter(offset: number): Promise<readonly Uint8Array[]> {
    const since = { epoch: this.epoch, offset };
    const query = { since, limit: FILL_PAGE, maxBytes: PAGE_BYTES };
    const { unrecovered, deliveries } = await this.#context.reads.readToJoin(this.topic, query);
    if (unrecovered === "epoch_changed") await this.catchUp();
    return deliveries.map(({ frame }) => frame);
  }

  /** Compares with the broker's history and publishes what is missing. Resolves when the feed is in step again. */
  catchUp(): Promise<void> {
    if (this.#state === "live") this.#startFilling();
    return this.#filling ?? Promise.resolve();
  }

  /** Gives back memory that is not needed any more. */
  trimMemory(now: number): void {
    // What falls out is read piece by piece, by whoever needs it.
    if (now < this.#retainedUntil) return this.#recent.trim(REPLAY_LIMIT, TOPIC_MAX_BYTES + READ_BYTES);
    this.#budget.release();
    this.#recent.trimFor(this.#members);
  }

  close(): void {
    this.#state = "closed";
    this.#subscription?.unsubscribe();
    this.#waiting = [];
    this.#budget.release();
    this.#recent.restart(0);
  }

  async #subscribe(): Promise<void> {
    this.isQueued = false;
    if (this.#members === 0) throw new BrokerUnavailableError("Nobody is in the topic any more.");
    const subscription = await this.#context.broker.subscribe(this.topic, (delivery) =>
      this.#receive(delivery),
    );
    this.#subscription = subscription;
    if (this.#state === "closed") {
      subscription.unsubscribe();
      return;
    }
    ({ epoch: this.epoch, offset: this.offset } = subscription.position);
    this.#recent.restart(this.offset);
    this.verifiedAt = this.#context.now();
    this.#state = "live";
    if (!this.#passWaiting()) this.#startFilling();
  }

  #receive(delivery: Delivery): void {
    if (this.#state === "closed") return;
    if (this.#state !== "live") {
      if (this.#waiting.length < MAX_WAITING) this.#waiting.push(delivery);
      else this.#overflowed = true;
      return;
    }
    if (this.#accept(delivery)) return;
    this.#waiting.push(delivery);
    this.#startFilling();
  }

  /** @returns false when something is missing before this delivery. */
  #accept({ epoch, offset, frame }: Delivery): boolean {
    if (epoch !== this.epoch) return false;
    if (offset <= this.offset) return true;
    if (offset !== this.offset + 1) return false;
    this.offset = offset;
    this.#recent.append(frame);
    this.verifiedAt = this.#context.now();
    this.trimMemory(this.verifiedAt);
    if (this.conflated.newest !== null) this.conflated.append(offset, frame, this.#context.observer);
    if (this.#subscribers > 0) {
      this.#context.fanout.publish(this.topic, frame);
      this.#context.observer.delivered(this, frame);
    }
    return true;
  }

  /** @returns whether everything that waited is told and nothing is missing. */
  #passWaiting(): boolean {
    const waiting = this.#waiting;
    const overflowed = this.#overflowed;
    this.#waiting = [];
    this.#overflowed = false;
    return waiting.every((delivery) => this.#accept(delivery)) && !overflowed;
  }

  #startFilling(): void {
    this.#state = "filling";
    this.#filling = this.#fill().finally(() => {
      this.#filling = null;
    });
  }

  async #fill(): Promise<void> {
    const backoff = createBackoff({ minMs: 100, maxMs: 2_000 });
    const { broker, log, signal } = this.#context;
    const stall = createStallLog(this, this.#context);
    while (this.#state === "filling") {
      try {
        const since = { epoch: this.epoch, offset: this.offset };
        const history = await broker.history(this.topic, { since, limit: FILL_PAGE, maxBytes: READ_BYTES });
        const more = await this.#adopt(history);
        if (this.#stopped() || (!more && this.#passWaiting())) break;
        backoff.reset();
        stall.over();
      } catch (error) {
        const delay = backoff.next();
        stall.failed(error);
        log.debug({ topic: this.topic, err: error, delay }, "history cannot be read, trying again");
        await sleepOrBack(broker, delay, signal);
        if (signal.aborted) return;
      }
    }
    if (this.#stopped()) return;
    stall.over();
    this.#state = "live";
    this.verifiedAt = this.#context.now();
  }

  #stopped(): boolean {
    return this.#state === "closed";
  }

  /** @returns whether there is more to read. */
  async #adopt(history: History): Promise<boolean> {
    if (this.#stopped()) return false;
    if (history.unrecovered === null) {
      const before = this.offset;
      for (const delivery of history.deliveries) this.#accept(delivery);
      if (this.offset > before) this.#context.observer.gapFilled(this.offset - before);
      return history.more;
    }
    const { position, unrecovered } = history;
    if (unrecovered === "trimmed") this.#reset(position.epoch, position.offset, "trimmed");
    // What was not acknowledged comes again, at the same offsets; else the broker begins a new epoch.
    else if (position.epoch === this.epoch) throw new Error("the topic stands before what was seen of it");
    else return this.#enterEpoch(position.epoch);
    return false;
  }

  /**
   * A new epoch starts at 0; what is kept of it belongs to the subscribers as well.
   * @returns whether there is more to read.
   */
  async #enterEpoch(epoch: string): Promise<boolean> {
    const query = { since: { epoch, offset: 0 }, limit: FILL_PAGE, maxBytes: READ_BYTES };
    const { position, deliveries, unrecovered, more } = await this.#context.broker.history(this.topic, query);
    if (this.#stopped()) return false;
    const whole = unrecovered === null;
    this.#reset(position.epoch, whole ? 0 : position.offset, "epoch_changed");
    for (const delivery of deliveries) this.#accept(delivery);
    return more;
  }

  #reset(epoch: string, offset: number, reason: ResetReason): void {
    const { fanout, observer, log } = this.#context;
    log.warn(
      { topic: this.topic, from: `${this.epoch}:${this.offset}`, to: `${epoch}:${offset}`, reason },
      "position lost",
    );
    this.epoch = epoch;
    this.offset = offset;
    this.generation += 1;
    this.#oldestKept = 1;
    this.#kept.until = 0;
    this.#budget.release();
    this.#recent.restart(offset);
    this.conflated.restart();
    observer.reset(reason);
    if (this.#subscribers > 0)
      fanout.publish(this.topic, resetFrame({ topic: this.topic, epoch, offset, reason }));
  }

  /** Reads up to so many frames before those in memory, piece by piece, the newest first. */
  async #readOlder(count: number): Promise<void> {
    let left = count;
    while (left > 0 && this.#recent.first > 1 && this.#members > 0 && this.#budget.hasCapacity) {
      this.#retainedUntil = this.#context.now() + BACKFILL_RETENTION_MS;
      const query = { last: left, until: this.#recent.first - 1, maxBytes: READ_BYTES };
      const { deliveries, position } = await this.#context.reads.readToJoin(this.topic, query);
      if (this.#stopped()) return;
      if (position.epoch !== this.epoch) return this.catchUp();
      // There is nothing older. That stays true, since the broker only ever drops the oldest.
      if (deliveries.length === 0) this.#oldestKept = this.#recent.first;
      if (deliveries.length === 0) return;
      const before = this.#recent.bytes;
      this.#recent.prepend(deliveries);
      this.#budget.add(this.#recent.bytes - before);
      left -= deliveries.length;
    }
    this.#retainedUntil = this.#context.now() + BACKFILL_RETENTION_MS;
  }

  /** Finds out whether everything after a position is still in the broker. */
  async #look(since: Position): Promise<void> {
    const query = { since, limit: 1, maxBytes: 1 };
    const { unrecovered } = await this.#context.reads.readToJoin(this.topic, query);
    if (this.#stopped() || since.epoch !== this.epoch) return;
    if (unrecovered === "epoch_changed") return this.catchUp();
    if (unrecovered === "trimmed") this.#oldestKept = Math.max(this.#oldestKept, since.offset + 2);
    else this.#kept = { from: since.offset + 1, until: this.#context.now() + KEPT_FOR_MS };
  }
}
