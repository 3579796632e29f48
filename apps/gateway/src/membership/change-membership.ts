import type { Connection } from "../connections/connection.ts";
import type { Membership } from "../connections/membership.ts";
import { nextMembership, type MembershipAction, type MembershipEvent } from "./membership-state.ts";

/**
 * Lets something happen to a membership, and does what follows. Whoever lets past frames be sent calls
 * `ReplayScheduler.resume` afterwards.
 * @param from offset of the first frame that the connection lacks, where the event gives it a new position.
 */
export function changeMembership(
  connection: Connection,
  membership: Membership,
  event: MembershipEvent,
  from: number = membership.next,
): void {
  const { to, actions } = nextMembership(membership.state, event);
  membership.state = to;
  for (const action of actions) perform(connection, membership, action, from);
}

function perform(
  connection: Connection,
  membership: Membership,
  action: MembershipAction,
  from: number,
): void {
  const { feed } = membership;
  switch (action) {
    case "subscribe":
      feed.addSubscriber(connection.socket);
      break;
    case "unsubscribe":
      feed.removeSubscriber(connection.socket);
      break;
    case "move":
      membership.next = from;
      membership.generation = feed.generation;
      membership.page = null;
      break;
    case "queue":
      connection.replaying ??= new Set();
      connection.replaying.add(membership);
      break;
    case "unqueue":
      membership.page = null;
      unqueue(connection, membership);
      break;
  }
}

/** Takes a membership out of those that past frames are sent to. */
export function unqueue(connection: Connection, membership: Membership): void {
  connection.replaying?.delete(membership);
  if (connection.replaying?.size === 0) connection.replaying = null;
}
