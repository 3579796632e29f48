import { TokenBucket, type Rate } from "@commcoin/service/lifecycle";
import { setImmediate } from "node:timers";
import type { Connection, Membership } from "../connections/connection.ts";
import { sendNewest } from "./conflation.ts";
import { sendReset } from "./send-reset.ts";

/**
 * A replay pauses while so many bytes wait to be sent: a long one must not look like a slow consumer, for whom the limit
 * is at least four times as high.
 */
const REPLAY_WINDOW_BYTES = 65_536;
/** Of one connection at a time, before it is the turn of the next one. */
const SLICE_BYTES = 65_536;
/** Of all connections in one turn of the event loop: live messages wait for a fraction of a millisecond. */
const TURN_BYTES = 524_288;

/** How much of the past a connection may ask for. */
export const REPLAY_RATE: Rate = { perSecond: 1_048_576, burst: 4_194_304 };
/** Who was away for long gets all that was missed at once, and may ask again after this time at the latest. */
const MAX_DEBT_SECONDS = 10;

/** Sends past frames to connections until they can follow a topic live: some of each connection's at a time. */
export interface Replays {
  /**
   * Sends the frames that a membership still lacks, and joins the topic in the same turn in which the last of them was
   * sent: nothing can come in between, so nothing is missed and nothing comes twice.
   */
  start(connection: Connection, membership: Membership, from: number): void;
  /** Takes a membership out of a running replay. */
  stop(connection: Connection, membership: Membership): void;
  /** Goes on with replays that paused because too much waited. To be called whenever the socket drained. */
  resume(connection: Connection): void;
  /** Whether it may ask for more of the past by now. */
  mayAsk(connection: Connection): boolean;
}

/** What became of a replay: it is over, it waits for the socket to drain, or it is the turn of others. */
type Progress = "over" | "full" | "sliced";

export function createReplays(now: () => number): Replays {
  /** Those whose turn comes, in the order in which it does. */
  const waiting = new Set<Connection>();
  let left = TURN_BYTES;
  let isCounting = false;

  const start: Replays["start"] = (connection, membership, from) => {
    const { feed } = membership;
    membership.next = from;
    membership.page = null;
    membership.generation = feed.generation;
    membership.state = "replaying";
    if (from > feed.offset) join(connection, membership);
    else goOn(connection, membership);
  };
  const stop: Replays["stop"] = (connection, membership) => {
    membership.page = null;
    if (connection.replaying?.delete(membership) !== true || connection.replaying.size > 0) return;
    connection.replaying = null;
    waiting.delete(connection);
  };
  const resume: Replays["resume"] = (connection) => {
    if (connection.replaying === null) return;
    if (waiting.size > 0 || left <= 0) waiting.add(connection);
    else serve(connection);
  };
  const goOn = (connection: Connection, membership: Membership): void => {
    connection.replaying ??= new Set();
    connection.replaying.add(membership);
    resume(connection);
  };

  const nextTurn = (): void => {
    isCounting = false;
    left = TURN_BYTES;
    for (const connection of waiting) {
      if (left <= 0) break;
      waiting.delete(connection);
      serve(connection);
    }
  };
  const serve = (connection: Connection): void => {
    if (!isCounting) setImmediate(nextTurn);
    isCounting = true;
    let slice = SLICE_BYTES;
    let progress: Progress = "over";
    const send = (frame: Uint8Array): void => {
      slice -= frame.byteLength;
      connection.socket.send(frame);
    };
    connection.socket.batch(() => {
      for (const membership of connection.replaying ?? []) {
        progress = advance(connection, membership, send, () => slice > 0);
        if (progress !== "over") return;
      }
    });
    const sent = SLICE_BYTES - slice;
    left -= sent;
    charge(connection, sent);
    if ((progress as Progress) === "sliced" && connection.replaying !== null) waiting.add(connection);
  };
  const charge = (connection: Connection, bytes: number): void => {
    connection.replayBudget ??= new TokenBucket(REPLAY_RATE, now());
    const debt = -connection.replayBudget.left(REPLAY_RATE, now());
    if (debt < MAX_DEBT_SECONDS * REPLAY_RATE.perSecond) {
      connection.replayBudget.overdraw(REPLAY_RATE, now(), bytes);
    }
  };

  const advance = (
    connection: Connection,
    membership: Membership,
    send: (frame: Uint8Array) => void,
    hasRoom: () => boolean,
  ): Progress => {
    const { feed } = membership;
    const { socket } = connection;
    if (membership.state === "conflating") {
      if (!sendNewest(connection, membership)) return "full";
      join(connection, membership);
      return "over";
    }
    while (membership.generation === feed.generation && membership.next <= feed.offset) {
      if (connection.closed || socket.buffered() > REPLAY_WINDOW_BYTES) return "full";
      if (!hasRoom()) return "sliced";
      const frame = feed.frameAt(membership.next) ?? pagedFrame(membership);
      if (frame === undefined) {
        readOn(connection, membership);
        return "over";
      }
      send(frame);
      membership.next += 1;
    }
    if (membership.generation !== feed.generation) sendReset(connection, membership, "position lost");
    join(connection, membership);
    return "over";
  };

  /** What comes next is not in memory, or not any more: a piece of it is read, for this membership alone. */
  const readOn = (connection: Connection, membership: Membership): void => {
    const { feed, next } = membership;
    stop(connection, membership);
    const isCurrent = (): boolean =>
      !connection.closed &&
      connection.memberships.get(feed.topic) === membership &&
      membership.state === "replaying" &&
      membership.next === next &&
      connection.replaying?.has(membership) !== true;
    const giveUp = (reason: string): void => {
      sendReset(connection, membership, reason);
      join(connection, membership);
    };
    feed.readAfter(next - 1).then(
      (frames) => {
        if (!isCurrent()) return;
        if (membership.generation === feed.generation && frames.length === 0) {
          giveUp("trimmed");
          return;
        }
        membership.page = { first: next, frames };
        goOn(connection, membership);
      },
      () => {
        if (isCurrent()) giveUp("broker unavailable");
      },
    );
  };

  const join = (connection: Connection, membership: Membership): void => {
    stop(connection, membership);
    // A send may have closed the connection, and with it all its memberships.
    if (connection.closed) return;
    membership.state = "joined";
    membership.feed.joined += 1;
    connection.socket.join(membership.feed.topic);
  };

  return {
    start,
    stop,
    resume,
    mayAsk: ({ replayBudget }) => replayBudget === null || replayBudget.left(REPLAY_RATE, now()) > 0,
  };
}

const pagedFrame = ({ page, next }: Membership): Uint8Array | undefined =>
  page === null ? undefined : page.frames[next - page.first];
