import { setImmediate } from "node:timers";
import type { Connection } from "../connections/connection.ts";
import type { Membership } from "../connections/membership.ts";
import { changeMembership, unqueue } from "./change-membership.ts";
import { sendNewest } from "./conflation.ts";
import { losePosition } from "./lose-position.ts";
import { chargeReplay } from "./replay-budget.ts";

/**
 * A replay pauses while so many bytes wait to be sent: a long one must not look like a slow consumer, for whom the limit
 * is at least four times as high.
 */
const REPLAY_WINDOW_BYTES = 65_536;
/** Of one connection at a time, before others get theirs. */
const SLICE_BYTES = 65_536;
/** Of all connections in one iteration of the event loop: live messages wait for a fraction of a millisecond. */
const ITERATION_BYTES = 524_288;

/** What became of a replay: nothing is left to do now, it waits for the socket to drain, or others come first. */
type Progress = "done" | "full" | "sliced";

/**
 * Sends past frames to the queued memberships of connections, some of each connection's at a time, and joins the topic in the
 * same iteration of the event loop in which the last of them was sent: nothing can come in between, so nothing is missed and
 * nothing comes twice.
 */
export class ReplayScheduler {
  readonly #now: () => number;
  /** Connections that get their next slice in a later iteration, in this order. */
  readonly #waiting = new Set<Connection>();
  #bytesLeft = ITERATION_BYTES;
  #isScheduled = false;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Goes on with what is queued. To be called when something was, and whenever the socket drained. */
  resume(connection: Connection): void {
    if (connection.replaying === null) return;
    if (this.#waiting.size > 0 || this.#bytesLeft <= 0) this.#waiting.add(connection);
    else this.#serve(connection);
  }

  #nextIteration(): void {
    this.#isScheduled = false;
    this.#bytesLeft = ITERATION_BYTES;
    for (const connection of this.#waiting) {
      if (this.#bytesLeft <= 0) break;
      this.#waiting.delete(connection);
      if (connection.replaying !== null) this.#serve(connection);
    }
  }

  #serve(connection: Connection): void {
    if (!this.#isScheduled) setImmediate(() => this.#nextIteration());
    this.#isScheduled = true;
    let slice = SLICE_BYTES;
    let progress: Progress = "done";
    const send = (frame: Uint8Array): void => {
      slice -= frame.byteLength;
      connection.socket.send(frame);
    };
    connection.socket.batch(() => {
      for (const membership of connection.replaying ?? []) {
        progress = this.#advance(connection, membership, send, () => slice > 0);
        if (progress !== "done") return;
      }
    });
    const sent = SLICE_BYTES - slice;
    this.#bytesLeft -= sent;
    chargeReplay(connection, sent, this.#now());
    if ((progress as Progress) === "sliced" && connection.replaying !== null) this.#waiting.add(connection);
  }

  #advance(
    connection: Connection,
    membership: Membership,
    send: (frame: Uint8Array) => void,
    hasCapacity: () => boolean,
  ): Progress {
    const { feed } = membership;
    const { socket } = connection;
    if (membership.state === "conflating") return sendNewest(connection, membership) ? "done" : "full";
    while (membership.generation === feed.generation && membership.next <= feed.offset) {
      if (connection.closed || socket.buffered() > REPLAY_WINDOW_BYTES) return "full";
      if (!hasCapacity()) return "sliced";
      const frame = feed.frameAt(membership.next) ?? pagedFrame(membership);
      if (frame === undefined) {
        this.#readNext(connection, membership);
        return "done";
      }
      send(frame);
      membership.next += 1;
    }
    if (membership.generation === feed.generation) changeMembership(connection, membership, "caught_up");
    else losePosition(connection, membership, "position lost");
    return "done";
  }

  /** What comes next is not in memory, or not any more: a piece of it is read, for this membership alone. */
  #readNext(connection: Connection, membership: Membership): void {
    const { feed, next } = membership;
    membership.page = null;
    unqueue(connection, membership);
    const isCurrent = (): boolean =>
      !connection.closed &&
      membership.state === "replaying" &&
      membership.next === next &&
      connection.replaying?.has(membership) !== true;
    feed.readAfter(next - 1).then(
      (frames) => {
        if (!isCurrent()) return;
        if (membership.generation === feed.generation && frames.length === 0) {
          losePosition(connection, membership, "trimmed");
          return;
        }
        membership.page = { first: next, frames };
        connection.replaying ??= new Set();
        connection.replaying.add(membership);
        this.resume(connection);
      },
      () => {
        if (isCurrent()) losePosition(connection, membership, "broker unavailable");
      },
    );
  }
}

function pagedFrame({ page, next }: Membership): Uint8Array | undefined {
  return page === null ? undefined : page.frames[next - page.first];
}
