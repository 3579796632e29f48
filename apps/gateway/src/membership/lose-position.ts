import type { Connection } from "../connections/connection.ts";
import type { Membership } from "../connections/membership.ts";
import { resetFrame } from "../frames/write-frames.ts";
import { changeMembership } from "./change-membership.ts";

/** Tells a client that it does not get what it lacks of a topic, and goes on with what comes now. */
export function losePosition(connection: Connection, membership: Membership, reason: string): void {
  const { topic, epoch, offset } = membership.feed;
  connection.socket.send(resetFrame({ topic, epoch, offset, reason }));
  changeMembership(connection, membership, "lost");
}
