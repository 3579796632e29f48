import type { Connection } from "../connections/connection.ts";
import type { Membership } from "../connections/membership.ts";
import type { ConflatedMember } from "../topics/feed-context.ts";
import { changeMembership } from "./change-membership.ts";
import { losePosition } from "./lose-position.ts";

/** More than this waits only for clients that do not keep up; far below what closes a connection. */
const CONFLATE_AT_BYTES = 16_384;

/**
 * Turns conflation of a topic on or off for one connection. When it does not keep up, it leaves the live frames, and
 * gets the newest of each token as soon as it can take them; then the live ones again.
 */
export function setConflation(connection: Connection, membership: Membership, on: boolean): void {
  const { feed } = membership;
  if (on === (membership.conflated !== null)) return;
  if (membership.conflated !== null) {
    feed.conflated.remove(membership.conflated);
    membership.conflated = null;
    return;
  }
  const member: ConflatedMember = {
    conflateIfSlow() {
      if (membership.state !== "joined" || connection.closed) return false;
      if (connection.socket.buffered() <= CONFLATE_AT_BYTES) return false;
      // Brings out what was published in this iteration, which leaving would lose.
      connection.socket.ping();
      if (connection.closed) return false;
      changeMembership(connection, membership, "fell_behind", feed.offset);
      return true;
    },
  };
  membership.conflated = member;
  feed.conflated.add(member);
}

/**
 * Sends the newest frames that a conflated membership lacks, as long as not too much waits, and joins the topic again after
 * the last of them.
 * @returns false when it has to pause.
 */
export function sendNewest(connection: Connection, membership: Membership): boolean {
  const { feed } = membership;
  const { socket } = connection;
  const { newest } = feed.conflated;
  if (membership.generation !== feed.generation) {
    losePosition(connection, membership, "position lost");
    return true;
  }
  if (newest === null || membership.next <= newest.forgottenUpTo) {
    losePosition(connection, membership, "trimmed");
    return true;
  }
  for (const { offset, frame } of newest.from(membership.next)) {
    if (connection.closed || socket.buffered() > CONFLATE_AT_BYTES) return false;
    socket.send(frame);
    membership.next = offset + 1;
  }
  changeMembership(connection, membership, "caught_up");
  return true;
}
