import type { Connection, Membership } from "../connections/connection.ts";
import { sendNewest } from "./conflation.ts";
import { sendReset } from "./send-reset.ts";

/**
 * A replay pauses while so many bytes wait to be sent: a long one must not look like a slow consumer, for whom the limit
 * is at least four times as high.
 */
const REPLAY_WINDOW_BYTES = 65_536;

/**
 * Sends the frames that a membership still lacks, and joins the topic in the same turn in which the last of them was
 * sent: nothing can come in between, so nothing is missed and nothing comes twice. Pauses when too much waits for the
 * client, to go on when the socket drains.
 */
export function startReplay(connection: Connection, membership: Membership, from: number): void {
  const { feed } = membership;
  membership.next = from;
  membership.generation = feed.generation;
  membership.state = "replaying";
  if (from > feed.offset) {
    join(connection, membership);
    return;
  }
  connection.replaying ??= new Set();
  connection.replaying.add(membership);
  continueReplays(connection);
}

/** Goes on with replays that paused. To be called whenever the socket drained. */
export function continueReplays(connection: Connection): void {
  if (connection.replaying === null) return;
  connection.socket.batch(() => {
    for (const membership of connection.replaying ?? []) {
      if (!advance(connection, membership)) return;
    }
  });
}

/** Takes a membership out of a running replay. */
export function stopReplay(connection: Connection, membership: Membership): void {
  connection.replaying?.delete(membership);
  if (connection.replaying?.size === 0) connection.replaying = null;
}

/** @returns false when the replay has to pause. */
function advance(connection: Connection, membership: Membership): boolean {
  const { feed } = membership;
  const { socket } = connection;
  if (membership.state === "conflating") {
    if (!sendNewest(connection, membership)) return false;
    join(connection, membership);
    return true;
  }
  while (membership.generation === feed.generation && membership.next <= feed.offset) {
    if (connection.closed || socket.buffered() > REPLAY_WINDOW_BYTES) return false;
    const frame = feed.frameAt(membership.next);
    if (frame === undefined) {
      refill(connection, membership);
      return true;
    }
    socket.send(frame);
    membership.next += 1;
  }
  if (membership.generation !== feed.generation) sendReset(connection, membership, "position lost");
  join(connection, membership);
  return true;
}

/** The replay was so slow that the frames left memory meanwhile: they are read again. */
function refill(connection: Connection, membership: Membership): void {
  const { feed } = membership;
  stopReplay(connection, membership);
  const since = { epoch: feed.epoch, offset: membership.next - 1 };
  const isCurrent = (): boolean =>
    !connection.closed &&
    connection.memberships.get(feed.topic) === membership &&
    membership.state === "replaying";
  feed.prepare({ since }).then(
    () => {
      if (!isCurrent()) return;
      if (membership.generation === feed.generation && feed.frameAt(membership.next) !== undefined) {
        startReplay(connection, membership, membership.next);
      } else {
        sendReset(connection, membership, "trimmed");
        join(connection, membership);
      }
    },
    () => {
      if (!isCurrent()) return;
      sendReset(connection, membership, "broker unavailable");
      join(connection, membership);
    },
  );
}

function join(connection: Connection, membership: Membership): void {
  stopReplay(connection, membership);
  // A send may have closed the connection, and with it all its memberships.
  if (connection.closed) return;
  membership.state = "joined";
  membership.feed.joined += 1;
  connection.socket.join(membership.feed.topic);
}
