import type { Connection, Membership } from "../connections/connection.ts";
import { resetFrame } from "../frames/write-frames.ts";

/** Tells that the position of a topic is lost, and where it is now. */
export function sendReset(connection: Connection, { feed }: Membership, reason: string): void {
  const { topic, epoch, offset } = feed;
  connection.socket.send(resetFrame({ topic, epoch, offset, reason }));
}
